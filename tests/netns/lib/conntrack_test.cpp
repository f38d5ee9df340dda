// SPDX-License-Identifier: Apache-2.0
// Flushing UDP flows. `conntrack -L` lists the remaining flows.
#include "lib/netlink/conntrack.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "lib/os/fd.h"
#include "tests/netns/lib/network.h"

using netlink::flush_udp;
using test::address;
using test::Host;

namespace {

// A host that tracks connections, with two addresses of each family.
struct Place {
  Host host;
  netlink::Socket socket{NETLINK_NETFILTER};
  Place() {
    test::add_link(host, "d0");
    for (const char* one : {"10.0.0.1/24", "10.0.0.2/24"}) host.run({"ip", "address", "add", one, "dev", "d0"});
    for (const char* one : {"fd00::1/64", "fd00::2/64"}) {
      host.run({"ip", "address", "add", one, "nodad", "dev", "d0"});
    }
    host.run({"nft",
              "add table inet t; add chain inet t c { type nat hook output priority -90; }; "
              "add rule inet t c ct state invalid drop"});
  }

  // "dst:port" of each flow of that protocol and family, from `conntrack -L`.
  [[nodiscard]] std::multiset<std::string> flows(const std::string& protocol, const std::string& family) const {
    std::istringstream lines(host.run({"conntrack", "-L", "-p", protocol, "-f", family}));
    std::multiset<std::string> found;
    for (std::string line; std::getline(lines, line);) {
      const auto value = [&line](const std::string& key) {
        const std::size_t begin = line.find(key) + key.size();
        return line.substr(begin, line.find(' ', begin) - begin);
      };
      found.insert(value("dst=") + ":" + value("dport="));
    }
    return found;
  }
};

sockaddr_storage socket_address(const std::string& to, std::uint16_t port) {
  sockaddr_storage storage{};
  const net::Address target = address(to);
  if (target.is_v4()) {
    sockaddr_in in{AF_INET, htons(port), {}, {}};
    std::memcpy(&in.sin_addr, target.bytes().data(), sizeof in.sin_addr);
    std::memcpy(&storage, &in, sizeof in);
  } else {
    sockaddr_in6 in{AF_INET6, htons(port), 0, {}, 0};
    std::memcpy(&in.sin6_addr, target.bytes().data(), sizeof in.sin6_addr);
    std::memcpy(&storage, &in, sizeof in);
  }
  return storage;
}

// Sends a datagram from a new port. The port stays in use until the returned socket is closed.
os::Fd send(const std::string& to, std::uint16_t port) {
  const sockaddr_storage target = socket_address(to, port);
  os::Fd fd(::socket(target.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const socklen_t size = target.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  REQUIRE(::sendto(fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&target), size) == 1);
  return fd;
}

// A TCP connection that is tracked until its timeout.
void connect(const std::string& to, std::uint16_t port) {
  const sockaddr_storage target = socket_address(to, port);
  const os::Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const os::Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(server.get(), reinterpret_cast<const sockaddr*>(&target), sizeof(sockaddr_in)) == 0);
  REQUIRE(::listen(server.get(), 1) == 0);
  REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&target), sizeof(sockaddr_in)) == 0);
}

void send_all() {
  for (const char* to : {"10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"}) {
    send(to, 53);
    send(to, 54);
  }
  connect("10.0.0.1", 53);
}

using Flows = std::multiset<std::string>;

}  // namespace

TEST_CASE("a flush without any flows is not an error") {
  const Host host;
  netlink::Socket socket(NETLINK_NETFILTER);
  flush_udp(socket, {{net::Family::v4, {{53, {}}}}});
  flush_udp(socket, {{net::Family::v6, {{53, {address("fd00::1")}}}}});
}

TEST_CASE("only the flows to a port of one address are flushed") {
  Place place;
  send_all();
  REQUIRE(place.flows("udp", "ipv4") == Flows{"10.0.0.1:53", "10.0.0.1:54", "10.0.0.2:53", "10.0.0.2:54"});
  flush_udp(place.socket, {{net::Family::v4, {{53, {address("10.0.0.1")}}}}});
  CHECK(place.flows("udp", "ipv4") == Flows{"10.0.0.1:54", "10.0.0.2:53", "10.0.0.2:54"});
  CHECK(place.flows("udp", "ipv6") == Flows{"fd00::1:53", "fd00::1:54", "fd00::2:53", "fd00::2:54"});
  CHECK(place.flows("tcp", "ipv4") == Flows{"10.0.0.1:53"});
  flush_udp(place.socket, {{net::Family::v4, {{53, {address("10.0.0.1")}}}}});
}

TEST_CASE("the flows to a port of all addresses of one family are flushed") {
  Place place;
  send_all();
  flush_udp(place.socket, {{net::Family::v4, {{53, {}}}}});
  CHECK(place.flows("udp", "ipv4") == Flows{"10.0.0.1:54", "10.0.0.2:54"});
  CHECK(place.flows("udp", "ipv6").size() == 4);
  CHECK(place.flows("tcp", "ipv4").size() == 1);
}

TEST_CASE("IPv6 flows are flushed likewise") {
  Place place;
  send_all();
  flush_udp(place.socket, {{net::Family::v6, {{54, {address("fd00::2")}}}}});
  CHECK(place.flows("udp", "ipv6") == Flows{"fd00::1:53", "fd00::1:54", "fd00::2:53"});
  flush_udp(place.socket, {{net::Family::v6, {{53, {}}}}});
  CHECK(place.flows("udp", "ipv6") == Flows{"fd00::1:54"});
  CHECK(place.flows("udp", "ipv4").size() == 4);
}

TEST_CASE("the flows of all clients of a port are flushed") {
  Place place;
  std::vector<os::Fd> clients;
  for (int i = 0; i < 300; ++i) clients.push_back(send("10.0.0.1", 53));
  send("10.0.0.1", 5353);
  flush_udp(place.socket, {{net::Family::v4, {{53, {address("10.0.0.1")}}}}});
  CHECK(place.flows("udp", "ipv4") == Flows{"10.0.0.1:5353"});
}

TEST_CASE("a flow from a port is not a flow to it") {
  Place place;
  const sockaddr_storage own = socket_address("10.0.0.2", 53);
  const sockaddr_storage target = socket_address("10.0.0.1", 99);
  const os::Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof(sockaddr_in)) == 0);
  REQUIRE(::sendto(fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&target), sizeof(sockaddr_in)) == 1);
  flush_udp(place.socket, {{net::Family::v4, {{53, {}}}}});
  CHECK(place.flows("udp", "ipv4") == Flows{"10.0.0.1:99"});
}

TEST_CASE("a translated flow is flushed by its original destination port") {
  Place place;
  place.host.run({"nft", "add rule inet t c ip daddr 10.0.0.1 udp dport 53 dnat to 10.0.0.2:5353"});
  send("10.0.0.1", 53);
  flush_udp(place.socket, {{net::Family::v4, {{5353, {}}}}});
  CHECK(place.flows("udp", "ipv4").size() == 1);
  flush_udp(place.socket, {{net::Family::v4, {{53, {address("10.0.0.1")}}}}});
  CHECK(place.flows("udp", "ipv4").empty());
}

TEST_CASE("Flows::untranslated flushes only flows that were not translated") {
  Place place;
  place.host.run({"nft", "add rule inet t c ip daddr 10.0.0.1 udp dport 53 dnat to 10.0.0.2:5353"});
  send_all();
  flush_udp(place.socket, {{net::Family::v4, {{53, {}}}}}, netlink::Flows::untranslated);
  CHECK(place.flows("udp", "ipv4") == Flows{"10.0.0.1:53", "10.0.0.1:54", "10.0.0.2:54"});
}

TEST_CASE("unanswered flows from an address are flushed, except translated ones") {
  Place place;
  place.host.run({"nft", "add rule inet t c ip daddr 10.0.0.1 udp dport 53 dnat to 10.0.0.2:5353"});
  place.host.run({"ip", "route", "add", "10.8.0.0/16", "dev", "d0", "src", "10.0.0.1"});
  place.host.run({"ip", "route", "add", "10.9.0.0/16", "dev", "d0", "src", "10.0.0.2"});
  send("10.0.0.1", 53);
  for (const char* to : {"10.8.0.8", "10.9.0.9"}) send(to, 99);
  connect("10.0.0.1", 80);
  CHECK(netlink::flush_unanswered(place.socket, net::Family::v4, {address("10.0.0.1"), address("10.0.0.7")}) == 1);
  CHECK(place.flows("udp", "ipv4") == Flows{"10.0.0.1:53", "10.9.0.9:99"});
  CHECK(place.flows("tcp", "ipv4") == Flows{"10.0.0.1:80"});
  send("fd00::1", 99);
  CHECK(netlink::flush_unanswered(place.socket, net::Family::v6, {address("fd00::2")}) == 0);
  CHECK(netlink::flush_unanswered(place.socket, net::Family::v6, {address("fd00::1")}) == 1);
}

TEST_CASE("several ports are flushed at once, each with its own addresses") {
  Place place;
  send_all();
  flush_udp(place.socket, {});
  flush_udp(place.socket, {{net::Family::v4, {{53, {address("10.0.0.1")}}, {54, {}}, {55, {}}}}});
  CHECK(place.flows("udp", "ipv4") == Flows{"10.0.0.2:53"});
  CHECK(place.flows("udp", "ipv6").size() == 4);
  CHECK(place.flows("tcp", "ipv4").size() == 1);
}

TEST_CASE("the flows of both families are flushed together: few and many flows, few and many ports") {
  constexpr int kManyFlows = 5000;  // above the limit for one dump of both families
  for (const std::uint16_t more_ports : {0, 40}) {
    CAPTURE(more_ports);
    Place place;
    netlink::PortsOfFamilies ports{{net::Family::v4, {{53, {address("10.0.0.1")}}}}, {net::Family::v6, {{54, {}}}}};
    for (std::uint16_t i = 0; i < more_ports; ++i) ports[net::Family::v6][1000 + i];
    const Flows left4{"10.0.0.1:54", "10.0.0.2:53", "10.0.0.2:54"};
    const Flows left6{"fd00::1:53", "fd00::2:53"};
    send_all();
    flush_udp(place.socket, ports);
    CHECK(place.flows("udp", "ipv4") == left4);
    CHECK(place.flows("udp", "ipv6") == left6);
    for (int i = 0; i < kManyFlows; ++i) send("10.0.0.1", 53);
    send("fd00::1", 54);
    flush_udp(place.socket, ports);
    CHECK(place.flows("udp", "ipv4") == left4);
    CHECK(place.flows("udp", "ipv6") == left6);
  }
}
