// SPDX-License-Identifier: Apache-2.0
// What the bridge plugin is asked for. Parsing checks everything; after it nothing is questioned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/cni/request.h"
#include "lib/masquerade/plan.h"
#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/net/owner.h"
#include "plugins/bridge/vlan_config.h"

namespace bridge {

struct Config {
  net::IfName bridge{"cni0"};         // bridge: the bridge's name
  bool is_gateway = false;            // isGateway: the bridge has the gateway's addresses, the host forwards
  bool is_default_gateway = false;    // isDefaultGateway: isGateway, and the container's default route goes there
  bool force_address = false;         // forceAddress: replaces a conflicting address of the bridge
  bool ip_masq = false;               // ipMasq: what leaves the network does so under the host's address
  masquerade::Options masquerading;   // masquerade: how, and what not
  std::uint32_t mtu = 0;              // mtu: bytes, of a new bridge and of the pair; 0: the kernel's default
  bool hairpin = false;               // hairpinMode: a frame may leave by the port it came in by
  bool promiscuous = false;           // promiscMode: of the bridge
  bool port_isolation = false;        // portIsolation: no frames between isolated ports
  bool checks_macs = false;           // macspoofchk: the container sends from its own MAC address alone
  bool checks_addresses = false;      // ipspoofchk: and from the addresses that IPAM gave; macspoofchk with it
  bool detect_duplicates = false;     // enabledad: IPv6 duplicate address detection in the container
  bool leave_interface_down = false;  // disableContainerInterface: layer 2 only
  std::optional<net::Mac> mac;        // runtimeConfig.mac, args.cni.mac, MAC= in CNI_ARGS: the first of them
  std::optional<cni::Dns> dns;        // dns: in place of what IPAM says
  bool has_ipam = false;              // ipam.type is there
  net::Owner owner;                   // of what is made; of no container in STATUS
  net::IfName ifname{"eth0"};         // CNI_IFNAME
  Vlans vlans;                        // vlan, vlanTrunk, preserveDefaultVlan
  // With isGateway, vlan and IPAM: the link that has the gateway's addresses in place of the bridge.
  std::optional<net::IfName> vlan_gateway;
};

// Throws cni::Error code 7 for a bad value.
Config parse_config(const cni::Request& request);

// The bridge's name alone, the default one where it cannot be read: for DEL, which a bad value must not stop.
net::IfName parse_name_leniently(const cni::Request& request);

}  // namespace bridge
