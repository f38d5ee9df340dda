// SPDX-License-Identifier: Apache-2.0
// Rules of ours in a chain that is not: in the FORWARD chain of iptables-nft, where a packet that the host would drop is only
// saved by a rule before the drop. They are written as iptables(8) writes its own, so that it goes on printing its table:
//
//   -A FORWARD -s 10.1.0.2/32 -m comment --comment "n/c1/eth0" -j ACCEPT
//   -A FORWARD -d 10.1.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -m comment --comment "n/c1/eth0" -j ACCEPT
//
// The second lets answers and the connections to published ports in, and nobody else.
#pragma once

#include <cstdint>
#include <cstdio>  // libnftnl's headers use FILE without it
#include <memory>
#include <string>

#include <libnftnl/rule.h>

#include "lib/foreign/rule.h"
#include "lib/net/address.h"

namespace foreign {

enum class Direction : std::uint8_t { from, to };

// A step of a transaction: one such rule. The chain, and the rule that it goes before, must be there.
struct AddAccept {
  Chain chain;  // of family ip or ip6
  Direction direction = Direction::from;
  net::Address address;
  std::string comment;       // at most 255 bytes
  std::uint64_t before = 0;  // the handle of the rule that it goes before; 0: at the end
};

// "add rule ip filter FORWARD ip saddr 10.1.0.2 accept comment "n/c1/eth0""
std::string text(const AddAccept& change);

// The rule as the kernel is given it.
std::unique_ptr<nftnl_rule, void (*)(const nftnl_rule*)> make_accept(const AddAccept& change);

// Is the rule what the step would write, wherever it stands?
bool is_same(const Rule& rule, const AddAccept& change);

}  // namespace foreign
