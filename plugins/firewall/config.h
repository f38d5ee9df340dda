// SPDX-License-Identifier: Apache-2.0
// Configuration of the firewall plugin. Parsing checks all values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cni/request.h"
#include "lib/net/address.h"
#include "lib/net/owner.h"

namespace firewall {

enum class Backend : std::uint8_t {
  automatic,  // no backend: firewalld if it runs
  iptables,   // firewalld is ignored
  firewalld,
};
enum class IngressPolicy : std::uint8_t {
  open,
  same_bridge,  // "same-bridge": no packets between bridges with this policy or the next one
  isolated,     // and no frames between ports of the bridge
};
std::string_view text(IngressPolicy policy);

struct Config {
  Backend backend = Backend::automatic;
  std::string admin_chain;  // iptablesAdminChainName: in our table; default CNI-ADMIN
  std::string zone;         // firewalldZone; default trusted
  IngressPolicy policy = IngressPolicy::open;
  net::Owner owner;
};

// Throws cni::Error code 7. An unknown backend is only a warning: the reference accepts all values.
Config parse_config(const cni::Request& request);

// For DEL and GC, which a bad value must not stop. Returns firewalldZone, or the default if it is invalid.
std::string parse_zone_leniently(const cni::Request& request);

// The link that ingressPolicy applies to: prevResult's first interface, if it is on the host; else "". (A macvlan is in
// the container, and the host may have a link with the same name, such as its uplink.)
std::string host_link_of(const cni::Result& previous);

// The same link. Throws cni::Error code 7 if there is none and the policy is not open.
std::string bridge_of(const Config& config, const cni::Result& previous);

// The host end of the container's link: prevResult's second interface if that is on the host, else the name that our
// plugins use.
std::string port_of(const net::Owner& owner, const cni::Result& previous);

// The families of the addresses, IPv4 first.
std::vector<net::Family> families_of(const std::vector<net::Prefix>& addresses);

}  // namespace firewall
