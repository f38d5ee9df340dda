// SPDX-License-Identifier: Apache-2.0
// conditionsV4 and conditionsV6: the packets that a port is published for, in the syntax of iptables(8) or nft(8). The
// reference passes the texts to one of these programs.
//
// iptables: [!] -s ADDRESS[/LENGTH|/MASK][,...], -d, -i LINK, -o LINK (a trailing + matches any suffix), -p
// tcp|udp|sctp, --dport PORT[:PORT], and their long names; -m iprange --src-range|--dst-range, -m mark --mark, -m
// multiport --dports. -m comment is ignored. -m addrtype --dst-type LOCAL and -m conntrack --ctstate with NEW are
// always true, because only the first packet of a connection to a local address is looked up; they are ignored too.
//
// nft: ip|ip6 saddr|daddr [!=] ADDRESS[/LENGTH], [meta] iifname|oifname [!=] LINK (a trailing * matches any suffix),
// meta l4proto or ip protocol [!=] tcp|udp|sctp, tcp|udp|sctp|th dport [!=] PORT[-PORT].
//
// All conditions must match.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/nft/set.h"
#include "lib/ruleset/condition.h"

namespace portmap {

// A condition on a mapping's protocol and host port. It is evaluated when the port is published.
struct PortTest {
  std::optional<nft::Protocol> protocol;                                    // nullopt: any
  std::vector<std::pair<std::uint16_t, std::uint16_t>> ranges{{0, 65535}};  // first and last host port
  bool is_negated = false;

  [[nodiscard]] bool matches(nft::Protocol of, std::uint16_t port) const;
  friend bool operator==(const PortTest&, const PortTest&) = default;
};

struct ParsedConditions {
  using List = std::vector<ruleset::Condition>;

  // Evaluated by the kernel. One of these lists must match; each has its own map. `-s a,b -d c` is two lists, as in
  // iptables.
  std::vector<List> packet{{}};
  std::vector<PortTest> ports;  // evaluated when the port is published

  void require(const List& one_of);
  [[nodiscard]] bool admits(nft::Protocol protocol, std::uint16_t host_port) const;
};

// `key`: the key's name, for messages. Throws cni::Error code 2 for unsupported words and code 7 for bad values; the
// message names the word.
ParsedConditions parse_conditions(const std::string& key, net::Family family, const std::vector<std::string>& tokens);

}  // namespace portmap
