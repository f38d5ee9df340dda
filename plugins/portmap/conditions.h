// conditionsV4 and conditionsV6: what a packet must match so that its port is published, in the words of iptables(8) or of
// nft(8), as the reference hands them to either program.
//
// Of iptables: [!] -s ADDRESS[/LENGTH], -d, -i LINK, -o LINK (a trailing + is any end), -p tcp|udp|sctp, --dport PORT[:PORT],
// with their long names. Of nft: ip|ip6 saddr|daddr [!=] ADDRESS[/LENGTH], [meta] iifname|oifname [!=] LINK (a trailing * is
// any end), meta l4proto or ip protocol [!=] tcp|udp|sctp, tcp|udp|sctp|th dport [!=] PORT[-PORT]. All must hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/nft/set.h"
#include "lib/ruleset/condition.h"

namespace portmap {

// A test of what is known of a mapping when it is published: protocol and host port.
struct PortTest {
  std::optional<nft::Protocol> protocol;  // any when there is none
  std::uint16_t first = 0;                // of the host ports
  std::uint16_t last = 65535;
  bool is_negated = false;

  [[nodiscard]] bool passes(nft::Protocol of, std::uint16_t port) const;
  friend bool operator==(const PortTest&, const PortTest&) = default;
};

struct ParsedConditions {
  std::vector<ruleset::Condition> packet;  // compared by the kernel
  std::vector<PortTest> ports;             // compared here

  [[nodiscard]] bool admits(nft::Protocol protocol, std::uint16_t host_port) const;
};

// `key`: its name, for messages. Throws cni::Error code 2 for a word that cannot be translated, naming it, and code 7 for a
// bad value.
ParsedConditions parse_conditions(const std::string& key, net::Family family, const std::vector<std::string>& tokens);

}  // namespace portmap
