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

TEST_CASE("a condition that is already true is not waited for") {
  const Host host;
  netlink::LinkWatch watch;
  CHECK(watch.wait([] { return true; }, 0ms));
}

TEST_CASE("wait returns false after the deadline, and not before") {
  const Host host;
  netlink::LinkWatch watch;
  const auto begin = std::chrono::steady_clock::now();
  int evaluations = 0;
  CHECK(!watch.wait([&] { return ++evaluations < 0; }, 60ms));
  CHECK(elapsed(begin) >= 50ms);
  CHECK(evaluations <= 4);  // it waits for notifications and does not poll
}

TEST_CASE("a new link ends the wait at once") {
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

TEST_CASE("a change between the watch's construction and wait is not missed") {
  const Host host;
  netlink::LinkWatch watch;
  test::add_link(host, "d0");
  int evaluations = 0;
  CHECK(watch.wait([&] { return ++evaluations > 1; }, 10s));
}

TEST_CASE("after lost notifications, wait evaluates the condition again") {
  const Host host;
  netlink::Socket socket(NETLINK_ROUTE);
  netlink::LinkWatch watch;
  test::add_link(host, "d0");
  for (int i = 0; i < 2000; ++i) {  // overflows the socket's receive buffer
    test::make(socket, netlink::SetLink{net::IfName("d0"), {}, {}, {}, "alias " + std::to_string(i)});
  }
  const auto is_renamed = [&] { return netlink::observe_link(socket, net::IfName("d0"))->alias == "alias 1999"; };
  CHECK(watch.wait(is_renamed, 10s));
  CHECK(!watch.wait([] { return false; }, 100ms));
}

TEST_CASE("wait_gone returns true only for the link with that name") {
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

TEST_CASE("a port that left its bridge is not gone") {
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

TEST_CASE("wait_gone returns false if notifications are lost, or if the descriptor becomes readable") {
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
