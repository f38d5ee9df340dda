// SPDX-License-Identifier: Apache-2.0
// Network configurations as libcni reads them: lists of plugins, and single plugins as lists of one.
//
// Source: SPEC.md, "Section 1: Network configuration format"; libcni/conf.go. Errors are cni::Error; the text begins
// with the file's name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/cni/fields.h"
#include "lib/cni/version.h"

namespace cli {

// Allowed as a network's name and as a container id (cni::is_identifier()).
inline constexpr const char* kIdentifierRule = "letters, digits, _ . -, beginning with a letter or digit";

struct PluginConfig {
  std::string type;
  cni::Json config;  // as in the file

  // "capabilities": {"<capability>": true}: the plugin reads runtimeConfig.<capability>.
  [[nodiscard]] bool declares(std::string_view capability) const;
};

struct Conflist {
  std::string name;
  cni::Version version = cni::Version::v0_1_0;  // the highest supported one of cniVersion and cniVersions
  bool disable_check = false;
  std::vector<PluginConfig> plugins;
  std::string bytes;  // the list as JSON text, for the cache: the file itself if it is a list
};

// Throws cni::Error code 6 for text that begins with a byte order mark: our JSON parser skips it, Go's does not.
void reject_byte_order_mark(const std::string& text, const std::string& what);

// what: begins the messages. Throws cni::Error code 6 (not JSON), 7 (bad value), 1 (no supported version).
Conflist parse_conflist(const std::string& text, const std::string& what);

// One plugin's configuration, as a list of one.
Conflist parse_single_conf(const std::string& text, const std::string& what);

// A list if the text has the key "plugins", else a single plugin.
Conflist parse_network(const std::string& text, const std::string& what);

// The network `name` of a folder: *.conflist in alphabetical order, then *.conf and *.json. Files that cannot be read
// are skipped. If the network is not found, the error (code 7) begins with their errors, and names the other networks.
// path may also be a file, which must then contain this network.
Conflist load_conflist(const std::string& path, const std::string& name);

}  // namespace cli
