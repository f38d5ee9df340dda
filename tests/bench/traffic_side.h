// SPDX-License-Identifier: Apache-2.0
// The sides of the data path's measurement: their plugins create the rules.
//
// Containers are numbered; each publishes kPorts ports of the host: container 0 the first kPorts from kFirstPort on,
// and so on.
#pragma once

#include <cstdint>
#include <string>

namespace traffic {

inline constexpr int kFirstPort = 10000;
inline constexpr int kPorts = 2;
inline constexpr std::uint16_t kServed = 80;  // the first port in the container; the others follow

inline constexpr const char* kWithoutNat = "none";

struct Side {
  std::string name;
  std::string folder;  // the plugins' folder
  // The reference's backend, iptables or nftables; or kWithoutNat: neither masquerade nor published ports.
  std::string backend = {};

  [[nodiscard]] bool is_nat() const { return backend != kWithoutNat; }
};

// NAME=FOLDER[,BACKEND]. Throws std::invalid_argument.
Side parse_side(const std::string& argument);

// A published port of a container, 0 <= which < kPorts.
std::uint16_t host_port(int container, int which);

// ADD of bridge + host-local and portmap, in network 10.1.0.0/16 on cni0, for a container in the namespace `id`. Throws
// std::runtime_error with the plugin's output if a call fails.
void attach(const Side& side, const std::string& id, int container);

}  // namespace traffic
