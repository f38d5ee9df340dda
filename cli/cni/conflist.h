// SPDX-License-Identifier: Apache-2.0
// Network configurations as libcni reads them: lists of plugins, and single plugins that stand for a list of one.
//
// Source: SPEC.md, "Section 1: Network configuration format"; libcni/conf.go. Errors are cni::Error whose text begins
// with the file's name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/cni/fields.h"
#include "lib/cni/version.h"

namespace cli {

struct PluginConfig {
  std::string type;
  cni::Json config;  // as the file has it

  // It wants runtimeConfig.<capability>: "capabilities": {"<capability>": true}.
  [[nodiscard]] bool declares(std::string_view capability) const;
};

struct Conflist {
  std::string name;
  cni::Version version = cni::Version::v0_1_0;  // the highest that we know of cniVersion and cniVersions
  bool disable_check = false;
  std::vector<PluginConfig> plugins;
  std::string bytes;  // the list as JSON text, for the cache: the file itself when it holds a list
};

// what: begins the messages. Throws cni::Error code 6 (not JSON), 7 (bad value), 1 (no version that we know).
Conflist parse_conflist(const std::string& text, const std::string& what);

// One plugin's configuration, made into a list of one.
Conflist parse_single_conf(const std::string& text, const std::string& what);

// The network `name` of a folder: *.conflist in alphabetical order, then *.conf and *.json. Files that cannot be read are
// passed over, and named when the network is not found; which networks there are is said then too (code 7).
Conflist load_conflist(const std::string& folder, const std::string& name);

}  // namespace cli
