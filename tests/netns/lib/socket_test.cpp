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

// What a container may do in its own namespace, where it has CAP_NET_ADMIN: it tells a socket there that the request with that
// number is done.
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

TEST_CASE("only the kernel is believed: others in the namespace can send to our socket as well") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  send_false_acknowledgement(socket.port(), 1);
  CHECK(failure_of([&] { socket.exchange(up("missing")); }) ==
        "change link missing (ip link set dev missing up): No such device");
}

TEST_CASE("several requests travel together and are carried out in order") {
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

TEST_CASE("nothing to send is nothing done") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  CHECK_NOTHROW(socket.exchange(std::span<netlink::Request>{}));
}

TEST_CASE("the first failure is named, and those behind it are carried out all the same") {
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
  CHECK_NOTHROW(socket.exchange(up("br1")));  // no answer of the failed exchange is left
}

TEST_CASE("an errno that is accepted is as good as success, and another one is not") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::Request accepted = up("missing");
  accepted.accepted = {EEXIST, ENODEV};
  CHECK_NOTHROW(socket.exchange(std::move(accepted)));
  netlink::Request other = up("missing");
  other.accepted = {EEXIST};
  CHECK_THROWS_AS(socket.exchange(std::move(other)), std::system_error);
}

TEST_CASE("a failure has the kernel's own words and the errno") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  const netlink::NewLink too_large = test::new_bridge(net::IfName("br1"), kMac, 70000);
  try {
    make(socket, too_large);
    FAIL("the kernel made a bridge with an MTU of 70000 bytes");
  } catch (const std::system_error& error) {
    CHECK(std::string(error.what()) == "could not add \"br1\": mtu greater than device maximum: Invalid argument");
    CHECK(error.code().value() == EINVAL);
  }
  CHECK(shown_link(host, "br1").is_null());
}

TEST_CASE("an exchange of hundreds of requests is answered whole") {
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
  CHECK(netlink::observe_addresses(socket, index).size() == 2000 + 1);  // and IPv6's own
  CHECK(failure_of([&] { socket.exchange(requests); }).find("10.0.0.1/32") != std::string::npos);
}

TEST_CASE("a dump sees everything once, also when it takes several datagrams") {
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
  CHECK(types == std::vector<std::uint16_t>(61, RTM_NEWLINK));  // and lo
}

TEST_CASE("a dump that the kernel refuses is a failure with its name") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  CHECK(failure_of([&] { netlink::observe_addresses(socket, 4711); }) == "list addresses: No such device");
  CHECK(netlink::observe_links(socket).size() == 1);  // the socket is as good as before
}

TEST_CASE("a socket belongs to the namespace that it was opened in") {
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

TEST_CASE("an answer that does not come is an error after the deadline") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  socket.set_timeout(std::chrono::milliseconds(50));
  CHECK(failure_of([&] { socket.receive("look for link cni0"); }) ==
        "the kernel did not reply within 50 ms: look for link cni0: Connection timed out");
  CHECK_NOTHROW(socket.exchange(bridge("br1")));
}

TEST_CASE("an answer that comes too late is not taken for the next one's") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::Request late = up("missing");
  late.message.message()->nlmsg_seq = socket.next_sequence();
  late.message.message()->nlmsg_flags |= NLM_F_ACK;
  socket.send(late.message.bytes(), late.what);  // nobody reads its answer, an error
  CHECK_NOTHROW(socket.exchange(bridge("br1")));
  CHECK(!shown_link(host, "br1").is_null());
}

TEST_CASE("what another process sends is not taken for the kernel's answer") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::Socket stranger(NETLINK_ROUTE);
  struct {
    nlmsghdr header{sizeof(nlmsghdr) + sizeof(nlmsgerr), NLMSG_ERROR, 0, 1,
                    0};  // of the first request, which it foresees
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

TEST_CASE("a namespace has a number of its own, which is the same by every socket into it") {
  Host host;
  const std::uint64_t own = netlink::Socket(NETLINK_ROUTE).netns_cookie();
  CHECK(own == netlink::Socket(NETLINK_NETFILTER).netns_cookie());
  const auto netns = netns::Netns::open(host.add_netns("x"));
  const netns::Entered entered(*netns);
  const std::uint64_t other = netlink::Socket(NETLINK_ROUTE).netns_cookie();
  CHECK((own == 0) == (other == 0));
  if (own != 0) CHECK(own != other);
}
