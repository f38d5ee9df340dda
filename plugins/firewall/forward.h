// SPDX-License-Identifier: Apache-2.0
// Letting an attachment's addresses through the FORWARD chains of iptables-nft, for hosts where those drop: Docker, ufw, an
// `iptables -P FORWARD DROP`. Per address two rules with the owner as comment (lib/foreign/accept.h), before the drop and behind
// all rules that come before it. On hosts that drop nothing, no rule is made.
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
  std::uint64_t before = 0;          // the handle of the rule that drops; 0: the policy does
  std::vector<foreign::Rule> owned;  // with the owner as comment, before the drop
  std::vector<foreign::Rule> late;   // the same behind the drop, where they do nothing
};

struct ForwardSeen {
  std::uint32_t generation = 0;
  std::vector<IptablesForward> iptables;
  std::vector<ForwardDrop> others;  // where nothing can be done
};
ForwardSeen observe_forward(netlink::Socket& netfilter, const net::Owner& owner, std::span<const net::Family> families,
                            bool has_firewalld);

// Makes the chains that drop hold just the rules for these addresses of the owner's, each once.
plan::Plan plan_forward(const net::Owner& owner, const std::vector<net::Prefix>& addresses, const ForwardSeen& seen);

// Rules of an attachment that is going, or of all attachments of the network that are not alive. Of iptables' chains alone.
struct ForwardRules {
  std::uint32_t generation = 0;
  std::vector<foreign::Rule> rules;
};
ForwardRules observe_forward_rules(netlink::Socket& netfilter, const net::Owner& owner);
ForwardRules observe_abandoned_forward_rules(netlink::Socket& netfilter, const net::Attachments& alive);
plan::Plan plan_no_forward(const ForwardRules& seen);

}  // namespace firewall
