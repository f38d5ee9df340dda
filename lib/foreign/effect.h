// SPDX-License-Identifier: Apache-2.0
// What a rule that is not ours does with a packet, as far as it decides whether forwarded packets get through.
#pragma once

#include <cstdint>
#include <cstdio>  // libnftnl's headers use FILE without it
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libnftnl/rule.h>

namespace foreign {

enum class Verdict : std::uint8_t { none, accept, drop, jump, go_to, leave };  // drop: or reject; leave: return

struct Effect {
  Verdict verdict = Verdict::none;
  std::string target = {};        // the chain of a jump or goto
  bool is_unconditional = false;  // it does so with every packet
  bool admits_new = false;        // some packets that begin a connection could get through by it
  friend bool operator==(const Effect&, const Effect&) = default;
};
using Effects = std::vector<Effect>;  // of a chain's rules, in their order

// Of a rule of nf_tables, which may be one of iptables-nft (nft_compat).
Effect effect_of(const nftnl_rule* rule);

// Is that match of iptables no condition at all: a comment?
bool is_comment(std::string_view match);

// Does that match of iptables let no packet through that begins a connection? info: its structure, of
// linux/netfilter/xt_conntrack.h or xt_state.h.
bool is_only_for_known_flows(std::string_view match, std::span<const std::uint8_t> info);

// A target of iptables that is no standard verdict: "REJECT", "LOG" ...
Verdict verdict_of_target(std::string_view name);

}  // namespace foreign
