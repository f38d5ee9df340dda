// SPDX-License-Identifier: Apache-2.0
// Configuration of the bridge plugin. Parsing checks all values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/attachment/keys.h"
#include "lib/cni/request.h"
#include "lib/masquerade/plan.h"
#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/net/owner.h"
#include "plugins/bridge/vlan_config.h"

namespace bridge {

struct Config {
  net::IfName bridge{"cni0"};         // bridge: name of the bridge
  bool is_gateway = false;            // isGateway: the bridge has the gateway addresses, and the host forwards
  bool is_default_gateway = false;    // isDefaultGateway: isGateway, plus a default route via the gateway
  bool force_address = false;         // forceAddress: replaces a conflicting address of the bridge
  bool ip_masq = false;               // ipMasq: masquerade traffic that leaves the network
  masquerade::Options masquerading;   // masquerade: options and exclusions
  attachment::Mtu mtu;                // mtu: of a new bridge and of the pair
  std::uint32_t queues = 0;           // queues: of the pair; 0: one transmit queue
  bool hairpin = false;               // hairpinMode: a frame may leave through its ingress port
  bool promiscuous = false;           // promiscMode: the bridge is promiscuous
  bool port_isolation = false;        // portIsolation: no frames between isolated ports
  bool checks_macs = false;           // macspoofchk: frames must have the container's own MAC address
  bool checks_addresses = false;      // ipspoofchk: and IPAM's addresses; implies macspoofchk
  bool detect_duplicates = false;     // enabledad: IPv6 duplicate address detection in the container
  bool leave_interface_down = false;  // disableContainerInterface: layer 2 only
  std::optional<net::Mac> mac;        // the first of runtimeConfig.mac, args.cni.mac, MAC= in CNI_ARGS
  std::optional<cni::Dns> dns;        // dns: replaces IPAM's
  bool has_ipam = false;              // ipam.type is set
  net::Owner owner;                   // of the created objects; without a container in STATUS
  net::IfName ifname{"eth0"};         // CNI_IFNAME
  Vlans vlans;                        // vlan, vlanTrunk, preserveDefaultVlan
  // The link that has the gateway addresses instead of the bridge. Set with isGateway, vlan and IPAM.
  std::optional<net::IfName> vlan_gateway;
};

// Throws cni::Error code 7 for a bad value.
Config parse_config(const cni::Request& request);

// For DEL, which a bad value must not stop. Returns only the bridge's name, or the default if it is invalid.
net::IfName parse_name_leniently(const cni::Request& request);

}  // namespace bridge
