// SPDX-License-Identifier: Apache-2.0
// Accept rules for an attachment's addresses in the FORWARD chains of iptables-nft, for hosts where those drop: Docker,
// ufw, or `iptables -P FORWARD DROP`. Each address has two rules with the owner as comment (lib/foreign/accept.h),
// before the rule that drops and after all other rules. If the chains drop nothing, no rule is added.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/net/attachments.h"
#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/plan/plan.h"
#include "lib/ruleset/table.h"
#include "plugins/firewall/forward_drop.h"

namespace firewall {

// A FORWARD chain of iptables-nft.
struct IptablesForward {
  foreign::Chain chain;
  bool drops = false;
  std::uint64_t before = 0;          // handle of the rule that drops; 0: the policy drops
  std::vector<foreign::Rule> owned;  // the owner's rules before that rule
  std::vector<foreign::Rule> late;   // the owner's rules after that rule, where they have no effect
};

struct ForwardSeen {
  std::uint32_t generation = 0;
  std::vector<IptablesForward> iptables;
  std::vector<ForwardDrop> others;  // chains that we cannot change
};
ForwardSeen observe_forward(netlink::Socket& netfilter, const net::Owner& owner, std::span<const net::Family> families,
                            bool has_firewalld);

// Changes the chains that drop to contain exactly one pair of rules for each of the owner's addresses.
plan::Plan plan_forward(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const ForwardSeen& seen);

// Rules of a detached attachment, or of all attachments of the network that are not alive. Only in iptables' chains.
struct ForwardRules {
  std::uint32_t generation = 0;
  std::vector<foreign::Rule> rules;
};
ForwardRules observe_forward_rules(netlink::Socket& netfilter, const net::Owner& owner);
ForwardRules observe_abandoned_forward_rules(netlink::Socket& netfilter, const net::Attachments& alive);
plan::Plan plan_no_forward(const ForwardRules& seen);

}  // namespace firewall
