// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/netlink.h>
#include <unistd.h>

#include <array>
#include <thread>

#include <doctest/doctest.h>

#include "lib/netlink/link_watch.h"
#include "lib/os/fd.h"
#include "tests/netns/lib/network.h"

using namespace std::chrono_literals;
using test::Host;

namespace {

std::chrono::milliseconds elapsed(const std::chrono::steady_clock::time_point& since) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
}

}  // namespace

TEST_CASE("what is so already is not waited for") {
  const Host host;
  netlink::LinkWatch watch;
  CHECK(watch.wait([] { return true; }, 0ms));
}

TEST_CASE("what does not come about is false after the deadline, and not before") {
  const Host host;
  netlink::LinkWatch watch;
  const auto begin = std::chrono::steady_clock::now();
  int asked = 0;
  CHECK(!watch.wait([&] { return ++asked < 0; }, 60ms));
  CHECK(elapsed(begin) >= 50ms);
  CHECK(asked <= 4);  // it waits for notices, it does not poll
}

TEST_CASE("a link that appears is noticed at once") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::LinkWatch watch;
  std::thread other([] {
    netlink::Socket elsewhere(NETLINK_ROUTE);
    std::this_thread::sleep_for(50ms);
    test::make(elsewhere, test::new_bridge(net::IfName("cni0"), test::kMac));
  });
  const auto begin = std::chrono::steady_clock::now();
  CHECK(watch.wait([&] { return netlink::observe_link(socket, net::IfName("cni0")).has_value(); }, 10s));
  CHECK(elapsed(begin) < 5s);
  other.join();
}

TEST_CASE("a change between the making of the watch and the waiting is not missed") {
  const Host host;
  netlink::LinkWatch watch;
  test::add_link(host, "d0");
  int asked = 0;
  CHECK(watch.wait([&] { return ++asked > 1; }, 10s));
}

TEST_CASE("notices that were lost only make it look again") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::LinkWatch watch;
  test::add_link(host, "d0");
  for (int i = 0; i < 2000; ++i) {  // more than the socket's buffer takes
    test::make(socket, netlink::SetLink{net::IfName("d0"), {}, {}, {}, "alias " + std::to_string(i)});
  }
  const auto is_so = [&] { return netlink::observe_link(socket, net::IfName("d0"))->alias == "alias 1999"; };
  CHECK(watch.wait(is_so, 10s));
  CHECK(!watch.wait([] { return false; }, 100ms));
}

TEST_CASE("a link that goes is noticed by its name") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  test::add_link(host, "d1");
  netlink::LinkWatch watch;
  test::make(socket, netlink::DeleteLink{net::IfName("d1")});
  CHECK(!watch.wait_gone(net::IfName("d0"), -1, 50ms));
  test::make(socket, netlink::DeleteLink{net::IfName("d0")});
  CHECK(watch.wait_gone(net::IfName("d0"), -1, 10s));
}

TEST_CASE("a port that leaves its bridge is not gone") {
  const Host host;
  host.run({"ip", "link", "add", "cni0", "up", "type", "bridge"});
  test::add_link(host, "d0");
  host.run({"ip", "link", "set", "d0", "master", "cni0"});
  netlink::LinkWatch watch;
  host.run({"ip", "link", "set", "d0", "nomaster"});
  CHECK(!watch.wait_gone(net::IfName("d0"), -1, 50ms));
  host.run({"ip", "link", "delete", "d0"});
  CHECK(watch.wait_gone(net::IfName("d0"), -1, 10s));
}

TEST_CASE("who waits for a link to go is told to look elsewhere by a descriptor, or when notices are lost") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  test::add_link(host, "d0");
  netlink::LinkWatch watch;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 2000; ++i) {
    test::make(socket, netlink::SetLink{net::IfName("d0"), {}, {}, {}, "alias " + std::to_string(i)});
  }
  CHECK(!watch.wait_gone(net::IfName("d0"), -1, 30s));
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const os::Fd read_end(ends[0]);
  os::Fd(ends[1]).reset();
  netlink::LinkWatch quiet;
  CHECK(!quiet.wait_gone(net::IfName("d0"), read_end.get(), 30s));
  CHECK(elapsed(begin) < 20s);
}
