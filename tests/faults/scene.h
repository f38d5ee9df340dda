// SPDX-License-Identifier: Apache-2.0
// The chains of plugins that are tried, as a runtime would configure them.
#pragma once

#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace faults {

using test::Json;

// Whose plugins.
struct Side {
  std::string folder;
  std::string backend;  // of the reference: iptables, nftables; "" is ours
  [[nodiscard]] bool is_reference() const { return !backend.empty(); }
};

struct Scene {
  std::string name;
  std::vector<Json> plugins;  // their configurations, in the chain's order
  std::vector<std::string> verbs = {"ADD", "DEL", "CHECK", "GC"};
  bool is_first = false;          // nothing of any attachment is there: no bridge, no table, no store
  bool has_ipam_process = false;  // the IPAM plugin is another executable, so it is started
  bool is_dual_stack = false;

  [[nodiscard]] std::string plugin_name(std::size_t i) const { return plugins.at(i).at("type"); }
};

std::vector<Scene> scenes(const Side& side);

inline constexpr const char* kNetwork = "n";
inline constexpr const char* kStore = "/var/lib/cni/networks/n";

}  // namespace faults
