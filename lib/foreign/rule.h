// SPDX-License-Identifier: Apache-2.0
// Rules and chains of foreign tables. The reference plugins keep theirs in tables of their own and, through
// iptables-nft, in those of iptables. DEL finds them here for containers that the reference attached.
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
  std::string comment;                              // nft's, or that of iptables' "-m comment"; "" if there is none
  std::string target;                               // the chain of its jump or goto; "" if it has neither
  std::vector<std::vector<std::uint8_t>> compared;  // values that it compares with, network order; also multiport's
  std::vector<std::vector<std::uint8_t>> loaded;    // loaded values, such as address and port of a translation
  Effect effect = {};                               // on packets
  std::string form = {};                            // canonical text of all its expressions (form.h)

  std::vector<std::string> looked_up = {};  // sets and maps of its lookups

  // True if the rule matches the address or the port, or translates to it.
  [[nodiscard]] bool mentions(const net::Address& address) const;
  [[nodiscard]] bool mentions(std::uint16_t port) const;
};

// The chains among these that exist, in one exchange. `socket`: of NETLINK_NETFILTER, as below.
std::vector<Chain> present_chains(netlink::Socket& socket, std::span<const Chain> chains);

// The rules of a chain, or of all chains of its table if its name is ""; none if the table or chain does not exist.
std::vector<Rule> list_rules(netlink::Socket& socket, const Chain& chain);

// Steps of a transaction. The rule or chain must exist.
struct RemoveRule {
  Rule rule;
};
struct RemoveChain {  // with its rules; no rule may jump to it any more
  Chain chain;
};

std::string text(const Chain& chain);  // "ip nat POSTROUTING"

// "delete rule ip nat POSTROUTING handle 7"
std::string text(const RemoveRule& change);
std::string text(const RemoveChain& change);

// Log lines, one for each rule: `name: "n" id: "c1": delete rule ip nat POSTROUTING handle 12`, the comment first.
std::vector<std::string> lines(std::span<const Rule> removed);

}  // namespace foreign
