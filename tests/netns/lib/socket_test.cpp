// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/socket.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include <doctest/doctest.h>

#include "lib/netlink/address.h"
#include "lib/netlink/route.h"
#include "lib/netns/netns.h"
#include "lib/os/fd.h"
#include "tests/netns/lib/network.h"

using test::failure_of;
using test::Host;
using test::kMac;
using test::make;

namespace {

netlink::Request bridge(const std::string& name) { return request(test::new_bridge(net::IfName(name), kMac)); }
netlink::Request up(const std::string& name) { return request(netlink::SetLink{net::IfName(name), true}); }

// Sends a forged acknowledgement to a socket. A container with CAP_NET_ADMIN can do this in its own namespace.
void send_false_acknowledgement(unsigned port, std::uint32_t sequence) {
  struct {
    nlmsghdr header;
    nlmsgerr error;
  } message{};
  message.header = {sizeof message, NLMSG_ERROR, 0, sequence, port};
  sockaddr_nl victim{};
  victim.nl_family = AF_NETLINK;
  victim.nl_pid = port;
  const os::Fd attacker(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  REQUIRE(::sendto(attacker.get(), &message, sizeof message, 0, reinterpret_cast<const sockaddr*>(&victim),
                   sizeof victim) == static_cast<ssize_t>(sizeof message));
}

}  // namespace

TEST_CASE("an acknowledgement that another process sends is ignored") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  send_false_acknowledgement(socket.port(), 1);
  CHECK(failure_of([&] { socket.exchange(up("missing")); }) ==
        "change link missing (ip link set dev missing up): No such device");
}

TEST_CASE("several requests are sent together and executed in order") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  std::vector<netlink::Request> requests;
  requests.push_back(bridge("br1"));
  requests.push_back(up("br1"));
  requests.push_back(bridge("br2"));
  socket.exchange(requests);
  CHECK(test::has_flag(shown_link(host, "br1"), "UP"));
  CHECK(!test::has_flag(shown_link(host, "br2"), "UP"));
}

TEST_CASE("an exchange without requests does nothing") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  CHECK_NOTHROW(socket.exchange(std::span<netlink::Request>{}));
}

TEST_CASE("the first failure is reported, and the requests after it are executed") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  std::vector<netlink::Request> requests;
  requests.push_back(bridge("br1"));
  requests.push_back(up("missing1"));
  requests.push_back(up("missing2"));
  requests.push_back(bridge("br2"));
  CHECK(failure_of([&] { socket.exchange(requests); }) ==
        "change link missing1 (ip link set dev missing1 up): No such device");
  CHECK(!shown_link(host, "br1").is_null());
  CHECK(!shown_link(host, "br2").is_null());
  CHECK_NOTHROW(socket.exchange(up("br1")));  // no reply of the failed exchange is queued
}

TEST_CASE("an accepted errno is a success; others are not") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::Request accepted = up("missing");
  accepted.accepted = {EEXIST, ENODEV};
  CHECK_NOTHROW(socket.exchange(std::move(accepted)));
  netlink::Request other = up("missing");
  other.accepted = {EEXIST};
  CHECK_THROWS_AS(socket.exchange(std::move(other)), std::system_error);
}

TEST_CASE("a failure has the kernel's message and errno") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  const netlink::NewLink too_large = test::new_bridge(net::IfName("br1"), kMac, 70000);
  try {
    make(socket, too_large);
    FAIL("the kernel created a bridge with an MTU of 70000 bytes");
  } catch (const std::system_error& error) {
    CHECK(std::string(error.what()) == "could not add \"br1\": mtu greater than device maximum: Invalid argument");
    CHECK(error.code().value() == EINVAL);
  }
  CHECK(shown_link(host, "br1").is_null());
}

TEST_CASE("an exchange of 2,000 requests receives all replies") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  const std::uint32_t index = test::index_of(socket, "d0");
  std::vector<netlink::Request> requests;
  for (unsigned i = 0; i < 2000; ++i) {
    const std::string text = "10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".1/32";
    requests.push_back(request(netlink::NewAddress{net::IfName("d0"), index, test::prefix(text)}));
  }
  CHECK(failure_of([&] { socket.exchange(requests); }) == "");
  CHECK(netlink::observe_addresses(socket, index).size() == 2000 + 1);  // with the IPv6 link-local address
  CHECK(failure_of([&] { socket.exchange(requests); }).find("10.0.0.1/32") != std::string::npos);
}

TEST_CASE("a dump of several datagrams returns each link once") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  std::vector<netlink::Request> requests;
  for (int i = 0; i < 60; ++i) requests.push_back(bridge("br" + std::to_string(i)));
  socket.exchange(requests);
  std::size_t restarts = 0;
  std::vector<std::uint16_t> types;
  netlink::Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>();
  socket.dump(
      std::move(message), "list links", [&](const nlmsghdr* part) { types.push_back(part->nlmsg_type); },
      [&] {
        ++restarts;
        types.clear();
      });
  CHECK(restarts >= 1);
  CHECK(types == std::vector<std::uint16_t>(61, RTM_NEWLINK));  // with lo
}

TEST_CASE("a dump that failed halfway does not keep the next one from running") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  std::vector<netlink::Request> requests;
  for (int i = 0; i < 60; ++i) requests.push_back(bridge("br" + std::to_string(i)));  // several datagrams
  socket.exchange(requests);
  netlink::Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>();
  const auto give_up = [](const nlmsghdr*) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(socket.dump(std::move(message), "list links", give_up, [] {}), "enough");
  CHECK(netlink::observe_links(socket).size() == 61);  // with lo
}

TEST_CASE("a dump that the kernel rejects is a failure that names the dump") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  CHECK(failure_of([&] { netlink::observe_addresses(socket, 4711); }) == "list addresses: No such device");
  CHECK(netlink::observe_links(socket).size() == 1);  // the socket still works
}

TEST_CASE("a socket belongs to the namespace in which it was opened") {
  Host host;
  const auto netns = netns::Netns::open(host.add_netns("x"));
  std::optional<netlink::Socket> inside;
  {
    const netns::Entered entered(*netns);
    inside.emplace(NETLINK_ROUTE);
  }
  inside->exchange(bridge("br1"));
  CHECK(shown_link(host, "br1").is_null());
  CHECK(!shown_link(host, "br1", "x").is_null());
}

TEST_CASE("a missing reply is an error after the deadline") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  socket.set_timeout(std::chrono::milliseconds(50));
  CHECK(failure_of([&] { socket.receive("look for link cni0"); }) ==
        "the kernel did not reply within 50 ms: look for link cni0: Connection timed out");
  CHECK_NOTHROW(socket.exchange(bridge("br1")));
}

TEST_CASE("a late reply is not taken for the reply to the next request") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::Request late = up("missing");
  late.message.message()->nlmsg_seq = socket.next_sequence();
  late.message.message()->nlmsg_flags |= NLM_F_ACK;
  socket.send(late.message.bytes(), late.what);  // its reply, an error, is not read
  CHECK_NOTHROW(socket.exchange(bridge("br1")));
  CHECK(!shown_link(host, "br1").is_null());
}

TEST_CASE("a forged error from another process is ignored") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::Socket stranger(NETLINK_ROUTE);
  struct {
    nlmsghdr header{sizeof(nlmsghdr) + sizeof(nlmsgerr), NLMSG_ERROR, 0, 1, 0};  // 1: the first request's sequence
    nlmsgerr error{-EPERM, {}};
  } forged;
  sockaddr_nl to{};
  to.nl_family = AF_NETLINK;
  to.nl_pid = socket.port();
  REQUIRE(::sendto(stranger.fd(), &forged, sizeof forged, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) ==
          sizeof forged);
  CHECK_NOTHROW(socket.exchange(bridge("br1")));
  CHECK(!shown_link(host, "br1").is_null());
}

TEST_CASE("each namespace has its own cookie, which is the same for all its sockets") {
  Host host;
  const std::uint64_t own = netlink::Socket(NETLINK_ROUTE).netns_cookie();
  CHECK(own == netlink::Socket(NETLINK_NETFILTER).netns_cookie());
  const auto netns = netns::Netns::open(host.add_netns("x"));
  const netns::Entered entered(*netns);
  const std::uint64_t other = netlink::Socket(NETLINK_ROUTE).netns_cookie();
  CHECK((own == 0) == (other == 0));
  if (own != 0) CHECK(own != other);
}
