// SPDX-License-Identifier: Apache-2.0
// Network configurations that are the same on every node but for some values: "subnet": "${podCIDR}".
//
// A placeholder is ${KEY} inside a string, KEY of letters, digits, "_", "-" and "."; so a template is JSON, too. A "$" that no
// "{" follows stands for itself.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace cli {

using TemplateValues = std::map<std::string, std::string>;

// settings: KEY=VALUE of --set. files: KEY=FILE of --set-file, whose content is the value, without white space around it. Throws
// std::invalid_argument for one that is none, for an empty value and for a key that is set twice; std::system_error for
// a file that cannot be read.
TemplateValues parse_template_values(const std::vector<std::string>& settings, const std::vector<std::string>& files);

// The text with its placeholders replaced, as JSON writes what is inside strings. what: begins the messages. Throws cni::Error
// code 6 (the template is not JSON) and 7: a placeholder without a value, all of them named; a value that nothing asks for.
std::string fill_template(const std::string& text, const TemplateValues& values, const std::string& what);

}  // namespace cli
