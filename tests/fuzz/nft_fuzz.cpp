// SPDX-License-Identifier: Apache-2.0
// Replies of nf_tables about our tables and others', and the tables of iptables-legacy. The first byte selects the
// request, the rest is the kernel's replies (kernel.h).
#include <linux/netfilter.h>
#include <linux/netlink.h>

#include <stdexcept>
#include <system_error>

#include "lib/foreign/hook.h"
#include "lib/foreign/legacy.h"
#include "lib/reference/leftovers.h"
#include "lib/ruleset/object.h"
#include "lib/ruleset/sets.h"
#include "lib/ruleset/table.h"
#include "plugins/firewall/forward_drop.h"
#include "tests/fuzz/kernel.h"

namespace {

const net::Owner& owner() {
  static const net::Owner one{"n", "c1", "eth0"};
  return one;
}

void list_every_set(const ruleset::Table& table) {
  for (const nft::Set& set : ruleset::sets()) {
    for (const ruleset::Element& element : table.list(set.name)) {
      ruleset::text(ruleset::AddElement{element});
      fuzz::require(nft::encode(set.key, element.key).size() >= nft::length(set.key), "an element has a complete key");
    }
  }
}

void list_rules(netlink::Socket& socket) {
  for (const foreign::Rule& rule : foreign::list_rules(socket, {NFPROTO_IPV4, "filter", ""})) {
    foreign::text(foreign::RemoveRule{rule});
    rule.mentions(*net::Address::parse("10.1.0.2"));
    rule.mentions(80);
    foreign::is_same(
        rule, {{NFPROTO_IPV4, "filter", "FORWARD"}, foreign::Direction::from, *net::Address::parse("10.1.0.2"), "c"});
  }
}

void read_passages(netlink::Socket& socket) {
  const std::array families{net::Family::v4, net::Family::v6};
  const auto chains = foreign::list_forward_chains(socket);
  for (const firewall::ForwardDrop& drop : firewall::observe_forward_drops(socket, chains, families, false)) {
    firewall::advice(drop, {});
  }
}

void change(const ruleset::Table& table) {
  const ruleset::Element element{"masq4", {net::Prefix{*net::Address::parse("10.1.0.2"), 32}}, {}, "n/c1/eth0"};
  const std::array<ruleset::Change, 1> changes{ruleset::AddElement{element}};
  table.apply(changes, 7);
}

// Input: the set, the size of the key, the key and the end of the interval.
void read_key(fuzz::Input& input) {
  const nft::Set& set = ruleset::sets()[input.choice(ruleset::sets().size())];
  const auto& types = input.choice(2) == 0 || set.data.empty() ? set.key : set.data;
  const auto key = input.take(input.byte());
  const auto end = input.rest();
  try {
    const nft::Values values = nft::decode(types, key, end);
    const auto again = nft::encode(types, values);
    fuzz::require(nft::decode(types, again, {}).size() == values.size(), "an encoded key is decoded");
    nft::text(std::span<const nft::Value>(values));
  } catch (const std::invalid_argument&) {  // not a key of ours
  }
}

// User data of nf_tables, and the structures of iptables' matches.
void read_parts(fuzz::Input& input) {
  constexpr std::array kMatches{"comment", "conntrack", "state", "mark"};
  const char* const match = kMatches.at(input.choice(kMatches.size()));
  const auto bytes = input.rest();
  foreign::is_only_for_known_flows(match, bytes);
  nft::text_in(bytes.data(), static_cast<std::uint32_t>(bytes.size()), 0);
}

// Input: the two offsets, then the table.
void read_legacy(fuzz::Input& input) {
  const std::size_t forward = input.u16();
  const std::size_t policy = input.u16();
  const auto entries = input.rest();
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    const foreign::LegacyFilter filter(family, {entries.begin(), entries.end()}, forward, policy);
    firewall::passage_of([&](const std::string& name) { return filter.chain(name); }, filter.forward(),
                         filter.drops_the_rest());
  }
}

void send_request(std::size_t what, netlink::Socket& socket) {
  const ruleset::Table table(socket);
  switch (what) {
    case 0: list_every_set(table); break;
    case 1: table.is_intact(); break;
    case 2: table.list_conditions(); break;
    case 3: table.admin_chains(); break;
    case 4: list_rules(socket); break;
    case 5: read_passages(socket); break;
    case 6: reference::plan_removal(reference::observe_masquerade(socket, owner())); break;
    case 7: reference::plan_removal(reference::observe_ports(socket, owner(), {})); break;
    case 8: reference::plan_removal(reference::observe_abandoned(socket, {"n", {}})); break;
    case 9: table.find("masq4", {nft::value(*net::Address::parse("10.1.0.2"))}); break;
    case 10: table.dry_run(); break;
    default: change(table); break;
  }
}

}  // namespace

// libnftnl leaks its memory when it exits (kernel.cpp); the kernel tests check our code for leaks.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }  // NOLINT: its name

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kQuestions = 15;
  fuzz::Input input(data, size);
  const std::size_t selector = input.choice(kQuestions);
  if (selector == 12) return read_legacy(input), 0;
  if (selector == 13) return read_key(input), 0;
  if (selector == 14) return read_parts(input), 0;
  const fuzz::Kernel kernel(input, false);
  try {
    netlink::Socket socket(NETLINK_NETFILTER);
    send_request(selector, socket);
  } catch (const std::system_error&) {  // an error of the kernel; at the end of the input every call fails
  } catch (const nft::Raced&) {         // another program changed the ruleset
  }
  return 0;
}
