// SPDX-License-Identifier: Apache-2.0
// Our accept rules in a foreign chain: the FORWARD chain of iptables-nft. If the host drops forwarded packets there,
// only a rule before the drop saves them. They look like iptables(8)'s own rules, so it can still print its table:
//
//   -A FORWARD -s 10.1.0.2/32 -m comment --comment "n/c1/eth0" -j ACCEPT
//   -A FORWARD -d 10.1.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -m comment --comment ... -j ACCEPT
//
// The second accepts only replies and connections to published ports.
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

// A step of a transaction: one such rule. The chain and the rule that it precedes must exist.
struct AddAccept {
  Chain chain;  // of family ip or ip6
  Direction direction = Direction::from;
  net::Address address;
  std::string comment;       // at most 255 bytes
  std::uint64_t before = 0;  // handle of the rule that it precedes; 0: append
};

// "add rule ip filter FORWARD ip saddr 10.1.0.2 accept comment "n/c1/eth0""
std::string text(const AddAccept& change);

// The rule in the kernel's form.
std::unique_ptr<nftnl_rule, void (*)(const nftnl_rule*)> make_accept(const AddAccept& change);

// True if the rule is equal to the step's, at any position.
bool is_same(const Rule& rule, const AddAccept& change);

}  // namespace foreign
