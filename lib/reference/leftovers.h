// SPDX-License-Identifier: Apache-2.0
// Objects that the reference plugins (containernetworking/plugins) have in nf_tables for an attachment, created by
// nft(8) or by iptables-nft. If a node changes over to Footbridge with running containers, our DEL deletes them.
//
//   masquerading   inet cni_plugins_masquerade masq_checks: rules with the comment "<hash>-<hash>, net: ..., if: ...,
//                  id: ..."
//                  ip, ip6 nat: a chain CNI-<hash>, and the rules of POSTROUTING that lead to it
//   macspoofchk    bridge nat: a chain cni-br-iface-<id> that leads to cni-br-iface-<id>-mac, and a rule of
//                  PREROUTING with the comment macspoofchk-<id> that leads to it; id: <container ID>-<interface>
//   ports          ip, ip6 cni_hostport: rules of three chains with the container ID as comment
//                  ip, ip6 nat: chains CNI-DN-<hash> and CNI-SN-<hash>, and the rules that lead to them
//
// The hashes are truncated SHA-512 digests. Rules of iptables-legacy are not in nf_tables and are not found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/foreign/rule.h"
#include "lib/net/attachments.h"
#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/netlink/socket.h"
#include "lib/plan/plan.h"

namespace reference {

struct Seen {
  std::uint32_t generation = 0;
  std::vector<foreign::Rule> rules;
  std::vector<foreign::Chain> chains;  // the rules lead to these
};

// The objects of one attachment. iptables' chains are only listed if the container has one. `netfilter`: a socket of
// NETLINK_NETFILTER in the host's namespace.
Seen observe_masquerade(netlink::Socket& netfilter, const net::Owner& owner);

Seen observe_macspoofchk(netlink::Socket& netfilter, const net::Owner& owner);

// The comment of a port's rule is only the container ID, for all networks. Known facts distinguish attachments: the
// container's addresses in this network, else its ports on the host. Without them all rules of the container count, as
// in the reference's own DEL.
struct KnownPorts {
  std::vector<net::Prefix> addresses;
  std::vector<std::uint16_t> host_ports;
};
Seen observe_ports(netlink::Socket& netfilter, const net::Owner& owner, KnownPorts known);

// The masquerading and ports of all attachments of the network that are not alive. Rules with only a container ID do
// not identify a network; they are left to DEL.
Seen observe_abandoned(netlink::Socket& netfilter, const net::Attachments& alive);

plan::Plan plan_removal(const Seen& seen);

// The network and container in a comment of the reference's iptables rules:
// `name: "blue" id: "c1"`, with "dnat " before it for ports.
std::optional<net::Owner> parse_comment(std::string_view comment);

// The first `size` characters of the prefix and the SHA-512 of the text, in lower-case hexadecimal digits.
std::string hashed_name(std::string_view prefix, std::string_view text, std::size_t size);

}  // namespace reference
