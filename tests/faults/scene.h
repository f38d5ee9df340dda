// SPDX-License-Identifier: Apache-2.0
// The chains of plugins under test, as a runtime configures them.
#pragma once

#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace faults {

using test::Json;

// The plugins under test: ours or the reference's.
struct Side {
  std::string folder;
  std::string backend;  // of the reference: iptables, nftables; "": our plugins
  [[nodiscard]] bool is_reference() const { return !backend.empty(); }
};

struct Scene {
  std::string name;
  std::vector<Json> plugins;  // configurations, in the order of the chain; "CONTAINER" stands for the container's ID
  std::vector<std::string> verbs = {"ADD", "DEL", "CHECK", "GC"};
  bool is_first = false;          // the host is empty: no bridge, no table, no store
  bool has_ipam_process = false;  // the IPAM plugin is another executable, and runs as a process
  bool is_dual_stack = false;
  std::vector<std::vector<std::string>> setup = {};  // commands that create the links that the plugins need

  [[nodiscard]] std::string plugin_name(std::size_t i) const { return plugins.at(i).at("type"); }
};

// Without the scenes that need a kind of link that this kernel does not have; prints these.
std::vector<Scene> scenes(const Side& side);

inline constexpr const char* kNetwork = "n";
inline constexpr const char* kStore = "/var/lib/cni/networks/n";

}  // namespace faults
