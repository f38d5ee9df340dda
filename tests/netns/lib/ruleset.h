// SPDX-License-Identifier: Apache-2.0
// Our tables, by the library and by nft(8).
#pragma once

#include <linux/netlink.h>

#include <string>
#include <vector>

#include "lib/ruleset/sets.h"
#include "lib/ruleset/table.h"
#include "tests/netns/lib/network.h"

namespace test {

// A host with a netfilter socket.
struct TablePlace {
  Host host;
  netlink::Socket socket{NETLINK_NETFILTER};
  ruleset::Table table{socket};

  void add(const std::vector<ruleset::Element>& elements) const {
    std::vector<ruleset::Change> changes;
    for (const ruleset::Element& element : elements) changes.emplace_back(ruleset::AddElement{element});
    table.apply(changes, std::nullopt);
  }
  void remove(const ruleset::Element& element, std::optional<std::uint32_t> generation = {}) const {
    const std::vector<ruleset::Change> changes{ruleset::RemoveElement{element}};
    table.apply(changes, generation);
  }
  [[nodiscard]] std::string listed(nft::TableFamily family = nft::TableFamily::inet) const {
    const char* name = family == nft::TableFamily::inet ? "inet" : "bridge";
    const os::ProcessOutput output = host.try_run({}, {"nft", "list", "table", name, "footbridge"});
    return output.exit_code == 0 ? output.out : "";
  }
};

inline ruleset::Element masqueraded(const std::string& text, const std::string& owner = "n/c1/eth0") {
  const net::Address one = address(text);
  return {ruleset::masquerade_set(one.family()).name, {nft::value(one)}, {}, owner};
}

inline ruleset::Element local_pair(const std::string& text) {
  return {ruleset::local_set(prefix(text).family()).name, {prefix(text), prefix(text)}, {}, "n"};
}

inline const net::Mac kPortMac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x02}};

// An element of every set and map of both tables.
inline std::vector<ruleset::Element> one_of_each() {
  const nft::Protocol tcp{6};
  return {masqueraded("10.1.0.2"),
          local_pair("10.1.0.0/24"),
          {"source4", {nft::value(address("10.1.0.2"))}, {nft::value(address("192.0.2.7"))}, "n/c1/eth0"},
          {"random4", {nft::value(address("10.1.0.2"))}, {}, "n/c1/eth0"},
          {"exclude4", {prefix("10.1.0.0/24"), prefix("10.0.0.0/8")}, {}, "n"},
          {"masqall4", {nft::value(address("10.1.0.2"))}, {}, "n/c1/eth0"},
          {"snat4", {nft::value(address("10.1.0.2"))}, {}, "n/c1/eth0"},
          {"hostport4", {tcp, nft::Port{8080}}, {nft::value(address("10.1.0.2")), nft::Port{80}}, "n/c1/eth0"},
          {"hostip4",
           {nft::value(address("192.168.1.2")), tcp, nft::Port{8080}},
           {nft::value(address("10.1.0.2")), nft::Port{80}},
           "n/c1/eth0"},
          {"owners4", {std::string("vethx"), nft::Mark{0}}, {nft::value(address("10.1.0.2"))}, "n/c1/eth0"},
          masqueraded("fd00::2"),
          local_pair("fd00::/64"),
          {"source6", {nft::value(address("fd00::2"))}, {nft::value(address("2001:db8::7"))}, "n/c1/eth0"},
          {"random6", {nft::value(address("fd00::2"))}, {}, "n/c1/eth0"},
          {"exclude6", {prefix("fd00::/64"), prefix("fd00::/8")}, {}, "n"},
          {"masqall6", {nft::value(address("fd00::2"))}, {}, "n/c1/eth0"},
          {"snat6", {nft::value(address("fd00::2"))}, {}, "n/c1/eth0"},
          {"hostport6", {tcp, nft::Port{8080}}, {nft::value(address("fd00::2")), nft::Port{80}}, "n/c1/eth0"},
          {"hostip6",
           {nft::value(address("fd99::2")), tcp, nft::Port{8080}},
           {nft::value(address("fd00::2")), nft::Port{80}},
           "n/c1/eth0"},
          {"owners6", {std::string("vethx"), nft::Mark{1}}, {nft::value(address("fd00::2"))}, "n/c1/eth0"},
          {"forward4", {nft::value(address("10.1.0.2"))}, {}, "n/c1/eth0"},
          {"forward6", {nft::value(address("fd00::2"))}, {}, "n/c1/eth0"},
          {"forwarded4", {std::string("vethx"), nft::Mark{0}}, {nft::value(address("10.1.0.2"))}, "n/c1/eth0"},
          {"forwarded6", {std::string("vethx"), nft::Mark{0}}, {nft::value(address("fd00::2"))}, "n/c1/eth0"},
          {"policed", {std::string("cni0")}, {}, "n"},
          {"within", {std::string("cni0"), std::string("cni0")}, {}, "n"},
          {"publishers", {std::string("vethx")}, {nft::Mark{258}}, "n/c1/eth0"},
          {"localnet", {std::string("cni0")}, {}, {}},
          {"checked", {std::string("vethx")}, {}, "n/c1/eth0"},
          {"ipchecked", {std::string("vethx")}, {}, "n/c1/eth0"},
          {"macs", {std::string("vethx"), kPortMac}, {}, "n/c1/eth0"},
          {"ips4", {std::string("vethx"), nft::value(address("10.1.0.2"))}, {}, "n/c1/eth0"},
          {"ips6", {std::string("vethx"), nft::value(address("fd00::2"))}, {}, "n/c1/eth0"},
          {"targets6", {std::string("vethx"), nft::Target{address("fd00::2")}}, {}, "n/c1/eth0"},
          {"macof", {std::string("vethx")}, {kPortMac}, "n/c1/eth0"},
          {"ipsof4", {std::string("vethx"), nft::Mark{0}}, {nft::value(address("10.1.0.2"))}, "n/c1/eth0"},
          {"ipsof6", {std::string("vethx"), nft::Mark{1}}, {nft::value(address("fd00::2"))}, "n/c1/eth0"}};
}

}  // namespace test
