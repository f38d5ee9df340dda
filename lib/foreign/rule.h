// SPDX-License-Identifier: Apache-2.0
// Rules and chains of tables that are not ours. The reference plugins keep theirs in tables of their own and, through
// iptables-nft, in those of iptables; DEL finds them here for containers that the reference attached.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/foreign/effect.h"
#include "lib/net/address.h"
#include "lib/netlink/socket.h"

namespace foreign {

struct Chain {
  std::uint8_t family = 0;  // NFPROTO_*
  std::string table;
  std::string name;
  friend bool operator==(const Chain&, const Chain&) = default;
};

struct Rule {
  Chain chain;
  std::uint64_t handle = 0;
  std::string comment;                              // nft's, or that of iptables' "-m comment"; "" when there is none
  std::string target;                               // the chain that it jumps or goes to; "" when it does neither
  std::vector<std::vector<std::uint8_t>> compared;  // what it compares with, in network order; iptables' multiport too
  std::vector<std::vector<std::uint8_t>> loaded;    // what it loads, as the address and port of a translation, likewise
  Effect effect = {};                               // what it does with packets
  std::string form = {};                            // all that it says (form.h)

  std::vector<std::string> looked_up = {};  // the sets and maps that it looks something up in

  // Is the address, or the port, among them: does the rule match it, or translate to it?
  [[nodiscard]] bool mentions(const net::Address& address) const;
  [[nodiscard]] bool mentions(std::uint16_t port) const;
};

// Those of the chains that exist, in one exchange. `socket`: of NETLINK_NETFILTER, as below.
std::vector<Chain> present_chains(netlink::Socket& socket, std::span<const Chain> chains);

// The rules of a chain, or of all chains of its table when its name is ""; none when there is no such table or chain.
std::vector<Rule> list_rules(netlink::Socket& socket, const Chain& chain);

// Steps of a transaction. What is removed must be there.
struct RemoveRule {
  Rule rule;
};
struct RemoveChain {  // with its rules; no rule may lead to it any more
  Chain chain;
};

std::string text(const Chain& chain);  // "ip nat POSTROUTING"

// "delete rule ip nat POSTROUTING handle 7"
std::string text(const RemoveRule& change);
std::string text(const RemoveChain& change);

// For the log, a line for each: `name: "n" id: "c1": delete rule ip nat POSTROUTING handle 12`, the comment first.
std::vector<std::string> lines(std::span<const Rule> removed);

}  // namespace foreign
