// SPDX-License-Identifier: Apache-2.0
#include "lib/netns/netns.h"

#include <fstream>
#include <stdexcept>

#include <doctest/doctest.h>

#include "tests/netns/lib/network.h"

using netns::Entered;
using netns::Netns;
using test::Host;

namespace {

std::string error_of(const std::string& path) {
  try {
    Netns::open(path);
  } catch (const netns::NotNetns& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a namespace is opened by its path; a missing path is nullopt") {
  Host host;
  CHECK(!Netns::open("/run/netns/x"));
  const std::string path = host.add_netns("x");
  const auto netns = Netns::open(path);
  REQUIRE(netns);
  CHECK(netns->path() == path);
}

TEST_CASE("a namespace stays open when its path is removed") {
  Host host;
  const auto netns = Netns::open(host.add_netns("x"));
  host.remove_netns("x");
  CHECK(!Netns::open("/run/netns/x"));
  const Entered entered(*netns);
  CHECK(Netns::current().is_same(*netns));
}

TEST_CASE("a stale file in the place of a namespace is an error") {
  const Host host;
  std::ofstream("/run/netns/stale") << "";
  CHECK(error_of("/run/netns/stale") == "unknown FS magic on \"/run/netns/stale\": 1021994");  // TMPFS_MAGIC
}

TEST_CASE("two paths of one namespace are the same namespace; two namespaces are not") {
  Host host;
  const auto x = Netns::open(host.add_netns("x"));
  const auto y = Netns::open(host.add_netns("y"));
  CHECK(x->is_same(*Netns::open("/run/netns/x")));
  CHECK(!x->is_same(*y));
  CHECK(!x->is_same(Netns::current()));
  const Entered entered(*x);
  CHECK(x->is_same(Netns::current()));
  CHECK(x->is_same(*Netns::open("/proc/thread-self/ns/net")));
}

TEST_CASE("the thread is in the namespace for the guard's lifetime; guards nest") {
  Host host;
  const Netns home = Netns::current();
  const auto x = Netns::open(host.add_netns("x"));
  const auto y = Netns::open(host.add_netns("y"));
  {
    const Entered in_x(*x);
    {
      const Entered in_y(*y);
      CHECK(Netns::current().is_same(*y));
    }
    CHECK(Netns::current().is_same(*x));
  }
  CHECK(Netns::current().is_same(home));
}

TEST_CASE("after an exception the thread is in its old namespace") {
  Host host;
  const Netns home = Netns::current();
  const auto x = Netns::open(host.add_netns("x"));
  try {
    const Entered entered(*x);
    throw std::runtime_error("inside");
  } catch (const std::runtime_error&) {
    CHECK(Netns::current().is_same(home));
  }
}

TEST_CASE("a namespace of another type cannot be entered, and the thread stays in its namespace") {
  const Host host;
  const Netns home = Netns::current();
  const auto other = Netns::open("/proc/self/ns/uts");  // also on nsfs
  REQUIRE(other);
  CHECK(test::failure_of([&] { const Entered entered(*other); }) ==
        "enter network namespace /proc/self/ns/uts: Invalid argument");
  CHECK(Netns::current().is_same(home));
}
