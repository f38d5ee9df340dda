// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/sets.h"

#include <netinet/in.h>

#include <set>
#include <stdexcept>

#include <doctest/doctest.h>

using nft::Type;
using nft::Values;
using Bytes = std::vector<std::uint8_t>;

namespace {

nft::Value address(const std::string& text) { return nft::value(net::Address::parse(text).value()); }

// A value of that type that a container could have.
nft::Value value_of(Type type) {
  switch (type) {
    case Type::ipv4_addr: return address("10.1.0.2");
    case Type::ipv6_addr: return address("fd00::2");
    case Type::inet_proto: return nft::Protocol{IPPROTO_UDP};
    case Type::inet_service: return nft::Port{8080};
    case Type::ifname: return std::string("veth0123456789a");
    case Type::mark: return nft::Mark{0x01020304};
    case Type::ether_addr: return net::Mac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x02}};
    case Type::nd_target: return nft::Target{net::Address::parse("fd00::2").value()};
  }
  return {};
}

Values values_of(const std::vector<Type>& types) {
  Values values;
  for (const Type type : types) values.push_back(value_of(type));
  return values;
}

}  // namespace

TEST_CASE("every set and map exists for both families, under unique names") {
  std::set<std::string_view> names;
  for (const nft::Set& set : ruleset::sets()) names.insert(set.name);
  CHECK(names.size() == ruleset::sets().size());
  CHECK(ruleset::masquerade_set(net::Family::v4).name == "masq4");
  CHECK(ruleset::masquerade_set(net::Family::v6).name == "masq6");
  CHECK(ruleset::local_set(net::Family::v6).name == "local6");
  CHECK(ruleset::published_set(net::Family::v4).name == "snat4");
  CHECK(ruleset::host_port_map(net::Family::v6).name == "hostport6");
  CHECK(ruleset::host_ip_map(net::Family::v4).name == "hostip4");
  CHECK(ruleset::owner_map(net::Family::v6).name == "owners6");
  CHECK_THROWS_WITH_AS(ruleset::set_named("masq5"), "no set masq5 in our tables", std::out_of_range);
}

TEST_CASE("only subnets' pairs belong to a network, and only policies to a bridge") {
  std::string text;
  for (const ruleset::Set& set : ruleset::sets()) {
    if (set.lifetime == ruleset::Lifetime::network) text += set.name + " network; ";
    if (set.lifetime == ruleset::Lifetime::bridge) text += set.name + " bridge; ";
  }
  CHECK(text == "local4 network; local6 network; policed bridge; within bridge; ");
}

TEST_CASE("names and comments are no longer than the kernel accepts") {
  for (const nft::Set& set : ruleset::sets()) {
    CHECK_MESSAGE(!set.comment.empty(), set.name);
    CHECK_MESSAGE(set.comment.size() < 128, set.name);
    CHECK_MESSAGE(set.name.size() < 16, set.name);  // older kernels: NFT_SET_MAXNAMELEN
  }
}

TEST_CASE("keys and data of every set are decoded as they were encoded") {
  for (const nft::Set& set : ruleset::sets()) {
    for (const std::vector<Type>* types : {&set.key, &set.data}) {
      if (types->empty()) continue;
      const Values values = values_of(*types);
      const Bytes bytes = nft::encode(*types, values);
      CHECK_MESSAGE(bytes.size() == nft::length(*types), set.name);
      CHECK_MESSAGE(nft::decode(*types, bytes, {}) == values, set.name);
    }
  }
}
