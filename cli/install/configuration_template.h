// SPDX-License-Identifier: Apache-2.0
// Templates of network configurations that differ between nodes only in some values: "subnet": "${podCIDR}".
//
// A placeholder is ${KEY} inside a string, KEY of letters, digits, "_", "-" and ".". So a template is JSON. A "$"
// without "{" is an ordinary character.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace cli {

using TemplateValues = std::map<std::string, std::string>;

// settings: KEY=VALUE of --set. files: KEY=FILE of --set-file; the value is the file's content without white space
// around it. Throws std::invalid_argument for wrong syntax, an empty value, or a key that is set twice;
// std::system_error for a file that cannot be read.
TemplateValues parse_template_values(const std::vector<std::string>& settings, const std::vector<std::string>& files);

// Replaces the placeholders; the values are escaped as in JSON strings. what: begins the messages. Throws cni::Error
// code 6 (the template is not JSON) and 7: placeholders without a value (names all of them), or a value without a
// placeholder.
std::string fill_template(const std::string& text, const TemplateValues& values, const std::string& what);

// A list of plugins with cniVersion 1.1.0 or without cniVersion, changed to "cniVersion": "1.0.0" with "cniVersions":
// ["1.0.0", "1.1.0"]; any other list as it is. libcni from 1.2 on (containerd 2) uses the newest of cniVersions. Older
// ones (containerd 1.6 and 1.7) reject results of 1.1.0 and ignore cniVersions. Throws nlohmann's exceptions if the
// text is not JSON.
std::string offer_versions(const std::string& text);

}  // namespace cli
