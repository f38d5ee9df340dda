// SPDX-License-Identifier: Apache-2.0
// More containers add set elements, but no rules. The plugins create the first attachment and the last ones; those
// between are only copies of the first one's elements.
#include <linux/netlink.h>

#include <algorithm>

#include <doctest/doctest.h>

#include "lib/net/owner.h"
#include "lib/ruleset/sets.h"
#include "lib/ruleset/table.h"
#include "tests/netns/host.h"
#include "tests/netns/talk.h"

using test::Call;
using test::call;
using test::Host;
using test::Json;

namespace {

constexpr int kAttachments = 1000;
constexpr int kReal = 10;  // how many of the last ones the plugins create
constexpr int kPorts = 2;  // per attachment
constexpr int kFirstPort = 10000;

std::string id_of(int i) { return "c" + std::to_string(i); }

const std::string kNetwork = R"({
  "cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true,
  "ipam": {"type": "host-local", "subnet": "10.1.0.0/16", "routes": [{"dst": "0.0.0.0/0"}]}
})";

std::string ports_of(int i, const Json& previous) {
  Json config = {{"cniVersion", "1.0.0"}, {"name", "n"}, {"type", "portmap"}, {"prevResult", previous}};
  for (int port = 0; port < kPorts; ++port) {
    config["runtimeConfig"]["portMappings"].push_back(
        {{"hostPort", kFirstPort + kPorts * i + port}, {"containerPort", 80 + port}, {"protocol", "tcp"}});
  }
  return config.dump();
}

std::vector<test::Outcome> all_ok(std::vector<test::Outcome> outcomes) {
  for (const test::Outcome& outcome : outcomes) REQUIRE_MESSAGE(outcome.ok(), outcome.out, outcome.err);
  return outcomes;
}

// Attaches containers `first` to `end` - 1 and publishes their ports, with concurrent calls of the plugins.
void attach(Host& host, int first, int end) {
  std::vector<Call> adds;
  std::vector<Call> publishes;
  for (int i = first; i < end; ++i) adds.push_back({"bridge", "ADD", id_of(i), host.add_netns(id_of(i)), kNetwork});
  const auto added = all_ok(call_together(adds));
  for (int i = first; i < end; ++i) {
    const std::string config = ports_of(i, added[static_cast<std::size_t>(i - first)].json());
    publishes.push_back({"portmap", "ADD", id_of(i), "/run/netns/" + id_of(i), config});
  }
  all_ok(call_together(publishes));
}

net::Owner owner_of(int i) { return {"n", id_of(i), "eth0"}; }

// A value of the first attachment (address, host port, link), changed for attachment `i`.
nft::Value value_of(const nft::Value& first, int i) {
  if (std::holds_alternative<net::Prefix>(first)) {
    const std::string address = "10.1." + std::to_string(100 + i / 200) + "." + std::to_string(i % 200);
    return nft::value(net::Address::parse(address).value());
  }
  if (const auto* port = std::get_if<nft::Port>(&first); port != nullptr && port->number >= kFirstPort) {
    return nft::Port{static_cast<std::uint16_t>(port->number + kPorts * i)};
  }
  return std::holds_alternative<std::string>(first) ? nft::Value(owner_of(i).host_end().text()) : first;
}

// Copies the elements of attachment 0 to attachments `first` to `end` - 1.
void multiply(int first, int end) {
  netlink::Socket socket{NETLINK_NETFILTER};
  const ruleset::Table table(socket);
  std::vector<ruleset::Change> changes;
  for (const nft::Set& set : ruleset::sets()) {
    for (const ruleset::Element& element : table.list(set.name)) {
      if (element.comment != owner_of(0).comment()) continue;  // the network's, or the bridge's
      for (int i = first; i < end; ++i) {
        ruleset::Element one{element.set, {}, {}, owner_of(i).comment()};
        for (const nft::Value& value : element.key) one.key.push_back(value_of(value, i));
        for (const nft::Value& value : element.data) one.data.push_back(value_of(value, i));
        changes.emplace_back(ruleset::AddElement{one});
      }
    }
  }
  table.apply(changes, std::nullopt);
}

// The rules of `nft -j list ruleset`, with their handles: a rule that was written again has a new handle.
Json rules(const Host& host) {
  const Json listing = Json::parse(host.run({"nft", "-j", "list", "ruleset"}));
  Json found = Json::array();
  for (const Json& object : listing["nftables"]) {
    if (object.contains("rule")) found.push_back(object["rule"]);
  }
  return found;
}

}  // namespace

TEST_CASE("1,000 attachments with 2,000 published ports have exactly the rules of one attachment") {
  Host host;
  host.add_outside("outside");
  attach(host, 0, 1);
  const Json one = rules(host);
  CHECK(one.size() > 10);
  multiply(1, kAttachments - kReal);
  attach(host, kAttachments - kReal, kAttachments);
  CHECK(rules(host) == one);
  for (const char* set : {"masq4", "owners4", "publishers", "snat4"}) {
    CHECK_MESSAGE(host.elements(set).size() == kAttachments, set);
  }
  CHECK(host.elements("hostport4").size() == kAttachments * kPorts);
  const test::Server outside("outside", test::Transport::tcp, 7000);
  for (const int i : {0, kAttachments - kReal, kAttachments - 1}) {
    const test::Server server(id_of(i), test::Transport::tcp, 81);
    const auto port = static_cast<std::uint16_t>(kFirstPort + kPorts * i + 1);
    CHECK(test::talk("outside", Host::kHostAddress, port, server) == Host::kOutsideAddress);
    CHECK(test::talk(id_of(i), Host::kOutsideAddress, 7000, outside) == Host::kHostAddress);
  }
}
