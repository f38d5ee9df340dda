// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/set.h"

#include <netinet/in.h>

#include <stdexcept>

#include <doctest/doctest.h>

using nft::Type;
using nft::Values;
using Bytes = std::vector<std::uint8_t>;

namespace {

net::Prefix prefix(const std::string& text) { return net::Prefix::parse(text).value(); }
nft::Value address(const std::string& text) { return nft::value(net::Address::parse(text).value()); }

Values decoded(const std::vector<Type>& types, const std::string& first, const std::string& last) {
  const auto bytes_of = [&types](const std::string& text) { return nft::encode(types, Values{address(text)}); };
  return nft::decode(types, bytes_of(first), bytes_of(last));
}

}  // namespace

TEST_CASE("types have nft's numbers and lengths") {
  const auto number = [](const std::vector<Type>& types) { return nft::type_number(types); };
  const auto length = [](const std::vector<Type>& types) { return nft::length(types); };
  CHECK(number({Type::ipv4_addr}) == 7);
  CHECK(length({Type::ipv4_addr}) == 4);
  CHECK(number({Type::ipv6_addr}) == 8);
  CHECK(length({Type::ipv6_addr}) == 16);
  CHECK(number({Type::ifname}) == 41);
  CHECK(length({Type::ifname}) == 16);
  CHECK(number({Type::mark}) == 19);
  CHECK(length({Type::mark}) == 4);
  CHECK(number({Type::ether_addr}) == 9);
  CHECK(length({Type::ether_addr}) == 6);
  CHECK(length({Type::ifname, Type::ether_addr}) == 24);
  CHECK(number({Type::ifname, Type::nd_target}) == 0xa48);
  CHECK(length({Type::ifname, Type::nd_target}) == 32);
  CHECK(number({Type::inet_proto}) == 12);
  CHECK(length({Type::inet_proto}) == 1);
  CHECK(number({Type::inet_service}) == 13);
  CHECK(length({Type::inet_service}) == 2);
  CHECK(number({Type::ipv4_addr, Type::inet_proto, Type::inet_service}) == 0x730d);
  CHECK(length({Type::ipv4_addr, Type::inet_proto, Type::inet_service}) == 12);
  CHECK(number({Type::ifname, Type::mark}) == 0xa53);
  CHECK(length({Type::ifname, Type::mark}) == 20);
  CHECK(number({Type::ipv4_addr, Type::ipv4_addr}) == 0x1c7);
  CHECK(length({Type::ipv4_addr, Type::ipv4_addr}) == 8);
  CHECK(number({Type::inet_proto, Type::inet_service}) == 0x30d);
  CHECK(length({Type::inet_proto, Type::inet_service}) == 8);
}

TEST_CASE("numbers are in network order and parts are padded") {
  const std::vector<Type> key{Type::ipv4_addr, Type::inet_proto, Type::inet_service};
  CHECK(nft::encode(key, Values{address("10.1.0.2"), nft::Protocol{IPPROTO_UDP}, nft::Port{8080}}) ==
        Bytes{10, 1, 0, 2, 17, 0, 0, 0, 0x1f, 0x90, 0, 0});
  const std::vector<Type> service{Type::inet_service};
  CHECK(nft::encode(service, Values{nft::Port{8080}}) == Bytes{0x1f, 0x90});
  const std::vector<Type> name{Type::ifname};
  CHECK(nft::encode(name, Values{std::string("cni0")}) ==
        Bytes{'c', 'n', 'i', '0', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("a value that the kernel padded to a register is decoded") {
  const std::vector<Type> service{Type::inet_service};
  CHECK(nft::decode(service, Bytes{0x1f, 0x90, 0, 0}, {}) == Values{nft::Port{8080}});
  const std::vector<Type> protocol{Type::inet_proto};
  CHECK(nft::decode(protocol, Bytes{17, 0, 0, 0}, {}) == Values{nft::Protocol{17}});
}

TEST_CASE("values that do not fit their types are rejected") {
  const std::vector<Type> v4{Type::ipv4_addr};
  const std::vector<Type> pair{Type::ipv4_addr, Type::ipv4_addr};
  CHECK_THROWS_AS(nft::encode(v4, Values{address("fd00::2")}), std::invalid_argument);
  CHECK_THROWS_AS(nft::encode(v4, Values{nft::Port{80}}), std::invalid_argument);
  CHECK_THROWS_AS(nft::encode(v4, Values{}), std::invalid_argument);
  CHECK_THROWS_AS(nft::encode(pair, Values{address("10.1.0.2")}), std::invalid_argument);
  CHECK_THROWS_AS(nft::decode(v4, Bytes{10, 1, 0}, {}), std::invalid_argument);
  CHECK_THROWS_AS(nft::decode(v4, Bytes{}, {}), std::invalid_argument);
  CHECK_THROWS_AS(nft::decode(pair, Bytes{10, 1, 0, 2, 10, 1, 0}, {}), std::invalid_argument);
  CHECK_THROWS_AS(nft::decode(v4, Bytes{10, 1, 0, 2}, Bytes{10, 1}), std::invalid_argument);
}

TEST_CASE("a prefix is an interval from its first to its last address") {
  const std::vector<Type> pair{Type::ipv4_addr, Type::ipv4_addr};
  const Values subnet{prefix("10.1.0.0/24"), prefix("10.0.0.0/8")};
  const Bytes first = nft::encode(pair, subnet);
  const Bytes last = nft::encode(pair, subnet, true);
  CHECK(first == Bytes{10, 1, 0, 0, 10, 0, 0, 0});
  CHECK(last == Bytes{10, 1, 0, 255, 10, 255, 255, 255});
  CHECK(nft::decode(pair, first, last) == subnet);
}

TEST_CASE("prefixes of every length are decoded") {
  for (const std::string family : {"10.1.2.3", "fd00::1:2"}) {
    const std::vector<Type> type{family[0] == '1' ? Type::ipv4_addr : Type::ipv6_addr};
    for (unsigned length = 0; length <= (family[0] == '1' ? 32U : 128U); ++length) {
      const Values network{prefix(family + "/" + std::to_string(length)).network()};
      CHECK(nft::decode(type, nft::encode(type, network), nft::encode(type, network, true)) == network);
    }
  }
}

TEST_CASE("a range that is not a prefix is rejected") {
  const std::vector<Type> v4{Type::ipv4_addr};
  CHECK_THROWS_AS(decoded(v4, "10.0.0.5", "10.0.0.9"), std::invalid_argument);
  CHECK_THROWS_AS(decoded(v4, "10.0.0.1", "10.0.0.255"), std::invalid_argument);
  CHECK_THROWS_AS(decoded(v4, "10.0.0.9", "10.0.0.5"), std::invalid_argument);
  CHECK(decoded(v4, "10.0.0.4", "10.0.0.7") == Values{prefix("10.0.0.4/30")});
}

TEST_CASE("values have the text that nft prints") {
  const auto text = [](const Values& values) { return nft::text(values); };
  CHECK(text({}) == "");
  CHECK(text({address("10.1.0.2")}) == "10.1.0.2");
  CHECK(text({prefix("10.1.0.0/24"), prefix("fd00::/64")}) == "10.1.0.0/24 . fd00::/64");
  CHECK(text({address("10.1.0.2"), nft::Protocol{IPPROTO_TCP}, nft::Port{80}}) == "10.1.0.2 . tcp . 80");
  CHECK(text({nft::Protocol{IPPROTO_UDP}, nft::Port{53}}) == "udp . 53");
  CHECK(text({nft::Protocol{IPPROTO_SCTP}}) == "sctp");
  CHECK(text({nft::Protocol{47}}) == "47");
  CHECK(text({std::string("vethx"), nft::Mark{1}}) == "\"vethx\" . 1");
}
