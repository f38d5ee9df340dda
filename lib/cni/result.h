// SPDX-License-Identifier: Apache-2.0
// The result of ADD (SPEC.md, "Success") in the shape of version 1.1.0. Older shapes are made when it is printed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/prefix.h"

namespace cni {

struct Interface {
  std::string name;
  std::string mac;       // "" if there is none
  std::string sandbox;   // CNI_NETNS; "" on the host
  std::int64_t mtu = 0;  // bytes; 0: unknown
  std::string socket_path;
  std::string pci_id;
  friend bool operator==(const Interface&, const Interface&) = default;
};

struct Ip {
  net::Prefix address;  // host bits kept
  std::optional<net::Address> gateway;
  std::optional<std::int64_t> interface;  // index into interfaces
  friend bool operator==(const Ip&, const Ip&) = default;
};

struct Route {
  net::Prefix dst;
  std::optional<net::Address> gw;
  std::int64_t mtu = 0;  // bytes, 0: not set; advmss likewise
  std::int64_t advmss = 0;
  std::int64_t priority = 0;  // the metric, lower is preferred; 0: not set
  std::optional<std::int64_t> table;
  std::optional<std::int64_t> scope;
  friend bool operator==(const Route&, const Route&) = default;
};

struct Dns {
  std::vector<std::string> nameservers;
  std::string domain;
  std::vector<std::string> search;
  std::vector<std::string> options;
  [[nodiscard]] bool empty() const {
    return nameservers.empty() && domain.empty() && search.empty() && options.empty();
  }
  friend bool operator==(const Dns&, const Dns&) = default;
};

struct Result {
  std::vector<Interface> interfaces;
  std::vector<Ip> ips;
  std::vector<Route> routes;
  Dns dns;
  friend bool operator==(const Result&, const Result&) = default;
};

}  // namespace cni
