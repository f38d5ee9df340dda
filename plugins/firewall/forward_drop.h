// SPDX-License-Identifier: Apache-2.0
// Chains of other tables that drop what containers send and are sent, and that nobody else can let through: a packet must pass
// every chain of the forward hook. What is left to do is to say so.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/foreign/hook.h"
#include "lib/net/prefix.h"
#include "lib/netlink/socket.h"
#include "plugins/firewall/passage.h"

namespace firewall {

struct ForwardDrop {
  std::optional<net::Family> family;  // whose packets; none: both families'
  foreign::Chain chain;               // its table is "" for the FORWARD chain of iptables-legacy
  bool is_certain = false;            // no rule of it lets a new connection through, whoever begins it
  friend bool operator==(const ForwardDrop&, const ForwardDrop&) = default;
};

// FORWARD of `ip filter` or `ip6 filter`, where iptables-nft keeps its rules. Those we can write to (forward.h).
bool is_of_iptables(const foreign::Chain& chain);

Passage observe_passage(netlink::Socket& netfilter, const foreign::ForwardChain& chain);

// Those among the chains, but iptables', and those of iptables-legacy. has_firewalld: firewalld runs, and was told of the
// containers; its own table then lets them through.
std::vector<ForwardDrop> observe_forward_drops(netlink::Socket& netfilter,
                                               std::span<const foreign::ForwardChain> chains,
                                               std::span<const net::Family> families, bool has_firewalld);

// "chain inet filter forward drops ...", and the commands that let these subnets through; without any, for SUBNET.
std::string advice(const ForwardDrop& drop, std::span<const net::Prefix> subnets);

}  // namespace firewall
