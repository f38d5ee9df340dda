// SPDX-License-Identifier: Apache-2.0
// Tests without privileges: the caller's own namespace, and files of other kinds. The others are in tests/netns/lib.
#include "lib/netns/netns.h"

#include <unistd.h>

#include <string>
#include <system_error>

#include <doctest/doctest.h>

namespace {

const char* const kOwn = "/proc/self/ns/net";

std::string flaw_of(const std::string& path) {
  try {
    netns::Netns::open(path);
  } catch (const netns::NotNetns& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the caller's own namespace is the same by any path") {
  const auto own = netns::Netns::open(kOwn);
  REQUIRE(own);
  CHECK(own->path() == kOwn);
  CHECK(own->fd() >= 0);
  CHECK(own->is_same(netns::Netns::current()));
  CHECK(own->is_same(*netns::Netns::open("/proc/" + std::to_string(::getpid()) + "/ns/net")));
}

TEST_CASE("a path without a file is no namespace") {
  CHECK(!netns::Netns::open("/no/such/netns"));
  CHECK(!netns::Netns::open(""));
  CHECK(!netns::Netns::open("/proc/0/ns/net"));
  CHECK(!netns::Netns::open(std::string(kOwn) + "/below"));  // a file, not a folder
}

TEST_CASE("the error for a missing namespace contains what to do") {
  const std::string by_name = "create it with \"ip netns add red\", or give /proc/PID/ns/net";
  CHECK(netns::remedy("/run/netns/red") == by_name);
  CHECK(netns::remedy("/var/run/netns/red") == by_name);
  for (const char* path : {"/run/netns/", "/run/netns/a/b", "/proc/7/ns/net", "red"}) {
    CHECK(netns::remedy(path) == "give /run/netns/NAME (\"ip netns add NAME\" creates it) or /proc/PID/ns/net");
  }
  const netns::Missing missing("open it", "/run/netns/red");
  CHECK(missing.what() == "open it: No such file or directory; " + by_name);
  CHECK(missing.code().value() == ENOENT);
}

TEST_CASE("a file or folder of another kind is reported with its path") {
  const std::string begin = "unknown FS magic on \"";
  CHECK(flaw_of("/").starts_with(begin + "/\": "));
  CHECK(flaw_of("/dev/null").starts_with(begin + "/dev/null\": "));
  CHECK(flaw_of("/sys") == begin + "/sys\": 62656572");
  CHECK(flaw_of("/proc/self/ns") == begin + "/proc/self/ns\": 9fa0");
}
