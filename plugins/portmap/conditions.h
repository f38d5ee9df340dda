// SPDX-License-Identifier: Apache-2.0
// conditionsV4 and conditionsV6: what a packet must match so that its port is published, in the words of iptables(8) or of
// nft(8), as the reference hands them to either program.
//
// iptables: [!] -s ADDRESS[/LENGTH|/MASK][,...], -d, -i LINK, -o LINK (a trailing + is any end), -p tcp|udp|sctp,
// --dport PORT[:PORT], with their long names; -m iprange --src-range|--dst-range, -m mark --mark, -m multiport --dports.
// -m comment is ignored. True of each packet that is looked up, so they add nothing: -m addrtype --dst-type LOCAL, and
// -m conntrack --ctstate with NEW (only a connection's first packet is looked up).
//
// nft: ip|ip6 saddr|daddr [!=] ADDRESS[/LENGTH], [meta] iifname|oifname [!=] LINK (a trailing * is any end), meta l4proto or
// ip protocol [!=] tcp|udp|sctp, tcp|udp|sctp|th dport [!=] PORT[-PORT].
//
// All conditions must hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/nft/set.h"
#include "lib/ruleset/condition.h"

namespace portmap {

// A test of what is known of a mapping when it is published: protocol and host port.
struct PortTest {
  std::optional<nft::Protocol> protocol;                                    // any when there is none
  std::vector<std::pair<std::uint16_t, std::uint16_t>> ranges{{0, 65535}};  // first and last host port of each
  bool is_negated = false;

  [[nodiscard]] bool passes(nft::Protocol of, std::uint16_t port) const;
  friend bool operator==(const PortTest&, const PortTest&) = default;
};

struct ParsedConditions {
  using List = std::vector<ruleset::Condition>;

  // Compared by the kernel: one of these lists must hold, each with a map of its own. `-s a,b -d c` are two, as in iptables.
  std::vector<List> packet{{}};
  std::vector<PortTest> ports;  // compared here

  void require(const List& one_of);
  [[nodiscard]] bool admits(nft::Protocol protocol, std::uint16_t host_port) const;
};

// `key`: its name, for messages. Throws cni::Error code 2 for a word that cannot be translated, naming it, and code 7 for a
// bad value.
ParsedConditions parse_conditions(const std::string& key, net::Family family, const std::vector<std::string>& tokens);

}  // namespace portmap
