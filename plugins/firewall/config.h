// SPDX-License-Identifier: Apache-2.0
// What the firewall plugin is asked for. Parsing checks everything; after it nothing is questioned.
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
  automatic,  // no backend: firewalld when it runs
  iptables,   // firewalld is left alone
  firewalld,
};
enum class IngressPolicy : std::uint8_t {
  open,
  same_bridge,  // "same-bridge": nothing from bridges that have this policy, or the next one, to another of them
  isolated,     // and nothing from port to port of the bridge
};
std::string_view text(IngressPolicy policy);

struct Config {
  Backend backend = Backend::automatic;
  std::string admin_chain;  // iptablesAdminChainName: of our table, CNI-ADMIN
  std::string zone;         // firewalldZone: trusted
  IngressPolicy policy = IngressPolicy::open;
  net::Owner owner;
};

// Throws cni::Error code 7. A backend that is not known is a warning, as the reference knows them all.
Config parse_config(const cni::Request& request);

// firewalldZone as far as it can be read: for DEL and GC, which a bad value must not stop.
std::string parse_zone_leniently(const cni::Request& request);

// The link that ingressPolicy is about: prevResult's first interface, if it is the host's; else "". (That of a macvlan is the
// container's, and a link of the host may have the same name: its uplink.)
std::string host_link_of(const cni::Result& previous);

// The same. Throws cni::Error code 7 when there is none and the policy is not open.
std::string bridge_of(const Config& config, const cni::Result& previous);

// The host's end of the container's link: prevResult's second interface, if that is the host's; else what our plugins call it.
std::string port_of(const net::Owner& owner, const cni::Result& previous);

// The families of the addresses.
std::vector<net::Family> families_of(const std::vector<net::Prefix>& addresses);

}  // namespace firewall
