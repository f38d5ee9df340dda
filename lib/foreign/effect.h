// SPDX-License-Identifier: Apache-2.0
// The effect of a foreign rule on a packet, as far as it decides whether forwarded packets pass.
#pragma once

#include <cstdint>
#include <cstdio>  // libnftnl's headers use FILE without it
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libnftnl/rule.h>

namespace foreign {

enum class Verdict : std::uint8_t { none, accept, drop, jump, go_to, leave };  // drop includes reject; leave is return

struct Effect {
  Verdict verdict = Verdict::none;
  std::string target = {};        // the chain of a jump or goto
  bool is_unconditional = false;  // applies to every packet
  bool admits_new = false;        // may accept packets that begin a connection
  friend bool operator==(const Effect&, const Effect&) = default;
};
using Effects = std::vector<Effect>;  // of a chain's rules, in order

// The effect of an nf_tables rule, which may come from iptables-nft (nft_compat).
Effect effect_of(const nftnl_rule* rule);

// True if the iptables match is a comment, which matches every packet.
bool is_comment(std::string_view match);

// True if the iptables match never matches packets that begin a connection. info: its structure from
// linux/netfilter/xt_conntrack.h or xt_state.h.
bool is_only_for_known_flows(std::string_view match, std::span<const std::uint8_t> info);

// The verdict of an iptables target that is not a standard verdict: "REJECT", "LOG" ...
Verdict verdict_of_target(std::string_view name);

}  // namespace foreign
