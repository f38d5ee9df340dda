// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/allocator.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include <doctest/doctest.h>

#include "tests/lib/ipam/sets.h"
#include "tests/lib/os/temporary_directory.h"

using ipam::Holder;
using ipam::RangeSet;
using ipam::Store;

namespace {

using Files = std::map<std::string, std::string>;

// ADD and DEL of one network, without the protocol. The owners are containers with the interface eth0.
class Network {
 public:
  explicit Network(std::vector<RangeSet> sets) : sets_(std::move(sets)) {}

  // The addresses as text, or the error.
  std::string add(const std::string& container, const std::vector<std::string>& requested = {}) {
    std::vector<net::Address> addresses;
    for (const std::string& text : requested) addresses.push_back(address(text));
    Store store = Store::create(directory_.path(), "n");
    std::string text;
    try {
      for (const auto& one : ipam::allocate(store, sets_, addresses, {container, "eth0"})) {
        text += (text.empty() ? "" : " ") + one.address.text() + " via " + one.gateway.text();
      }
    } catch (const std::exception& error) {
      text = error.what();
    }
    return text;
  }

  void del(const std::string& container) { Store::create(directory_.path(), "n").release_all({container, "eth0"}); }

  // The files except the lock.
  [[nodiscard]] Files files() const {
    Files files = directory_.files("n");
    files.erase("lock");
    return files;
  }

  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
  std::vector<RangeSet> sets_;
};

Network small() { return Network({range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5"}})}); }

}  // namespace

TEST_CASE("allocation is round robin: a released address is used again only after all others") {
  Network network({range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5"}})});
  CHECK(network.add("a") == "10.1.0.2/24 via 10.1.0.1");
  CHECK(network.add("b") == "10.1.0.3/24 via 10.1.0.1");
  network.del("a");
  CHECK(network.add("c") == "10.1.0.4/24 via 10.1.0.1");
  CHECK(network.add("d") == "10.1.0.5/24 via 10.1.0.1");
  CHECK(network.add("e") == "10.1.0.2/24 via 10.1.0.1");
  CHECK(network.add("f").starts_with(
      "failed to allocate for range 0: no IP addresses available in range set: 10.1.0.2-10.1.0.5"));
  CHECK(network.files() == Files{{"10.1.0.2", "e\r\neth0"},
                                 {"10.1.0.3", "b\r\neth0"},
                                 {"10.1.0.4", "c\r\neth0"},
                                 {"10.1.0.5", "d\r\neth0"},
                                 {"last_reserved_ip.0", "10.1.0.2"}});
}

TEST_CASE("the error for an exhausted range contains numbers, the oldest owner, and commands") {
  Network network({range_set({{"10.1.0.0/30"}, {"10.2.0.0/30"}})});
  network.add("a");
  network.add("b");
  struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, network.directory().path("n/10.2.0.2").c_str(), times, 0) == 0);
  network.directory().write("n/10.7.0.1", "other\r\neth0");
  CHECK(network.add("c") ==
        "failed to allocate for range 0: no IP addresses available in range set: 10.1.0.1-10.1.0.2,10.2.0.1-10.2.0.2: "
        "2 of 2 are allocated, the oldest, 10.2.0.2, since 2001-09-09T01:46:40Z by container b (eth0); `footbridge "
        "ipam ls n "
        "--dir " +
            network.directory().path() + "` lists them, `footbridge ipam gc n --dir " + network.directory().path() +
            "` releases those whose container is gone");
}

TEST_CASE("the error for a range with only the gateway says so") {
  Network network({range_set({{"10.1.0.0/24", "10.1.0.1", "10.1.0.1"}})});
  CHECK(network.add("a") ==
        "failed to allocate for range 0: no IP addresses available in range set: 10.1.0.1-10.1.0.1: its only "
        "address is the gateway's");
}

TEST_CASE("an empty file does not block an address") {
  Network network({range_set({{"10.1.0.0/30"}})});
  std::filesystem::create_directory(network.directory().path("n"));
  network.directory().write("n/10.1.0.2", "");
  CHECK(network.add("a") == "10.1.0.2/30 via 10.1.0.1");
}

TEST_CASE("each set allocates one address, with its own round robin") {
  Network network(
      {range_set({{"10.1.0.0/24"}}), range_set({{"fd00:1::/64"}}), range_set({{"10.2.0.0/16", "10.2.3.4"}})});
  CHECK(network.add("a") == "10.1.0.2/24 via 10.1.0.1 fd00:1::2/64 via fd00:1::1 10.2.3.4/16 via 10.2.0.1");
  CHECK(network.add("b", {"fd00:1::99"}) ==
        "10.1.0.3/24 via 10.1.0.1 fd00:1::99/64 via fd00:1::1 10.2.3.5/16 via 10.2.0.1");
  CHECK(network.add("c") == "10.1.0.4/24 via 10.1.0.1 fd00:1::9a/64 via fd00:1::1 10.2.3.6/16 via 10.2.0.1");
  CHECK(network.files().at("last_reserved_ip.1") == "fd00:1::9a");
}

TEST_CASE("if a range is full, the set continues with its next range") {
  Network network({range_set({{"10.1.0.0/30"}, {"10.2.0.0/29", "10.2.0.4", "10.2.0.5", "10.2.0.6"}})});
  CHECK(network.add("a") == "10.1.0.2/30 via 10.1.0.1");
  CHECK(network.add("b") == "10.2.0.4/29 via 10.2.0.6");
  CHECK(network.add("c") == "10.2.0.5/29 via 10.2.0.6");
  network.del("a");
  CHECK(network.add("d") == "10.1.0.2/30 via 10.1.0.1");
}

TEST_CASE("a second ADD of the same attachment is rejected, and the container keeps its address") {
  Network network = small();
  network.add("a");
  const Files before = network.files();
  CHECK(network.add("a") ==
        "failed to allocate for range 0: 10.1.0.2 has been allocated to a, duplicate allocation is not allowed");
  CHECK(network.files() == before);
}

TEST_CASE("a file of the old format counts as an allocation of the container") {
  Network network = small();
  std::filesystem::create_directory(network.directory().path("n"));
  network.directory().write("n/10.1.0.4", "a");
  CHECK(network.add("a") ==
        "failed to allocate for range 0: 10.1.0.4 has been allocated to a, duplicate allocation is not allowed");
}

TEST_CASE("addresses in another set or outside of all sets are no duplicates") {
  Network network = small();
  std::filesystem::create_directory(network.directory().path("n"));
  network.directory().write("n/10.1.0.77", "a\r\neth0");
  CHECK(network.add("a") == "10.1.0.2/24 via 10.1.0.1");
}

TEST_CASE("if one set fails, all allocations are released and the round robin stays where it was") {
  Network network({range_set({{"10.1.0.0/24"}}), range_set({{"10.2.0.0/30"}})});
  CHECK(network.add("a") == "10.1.0.2/24 via 10.1.0.1 10.2.0.2/30 via 10.2.0.1");
  const Files before = network.files();
  CHECK(
      network.add("b").starts_with("failed to allocate for range 1: no IP addresses available in range set: "
                                   "10.2.0.1-10.2.0.2: 1 of 1 is allocated,"));
  CHECK(network.files() == before);
}

TEST_CASE("a free requested address is allocated, and the round robin continues from there") {
  Network network = small();
  CHECK(network.add("a", {"10.1.0.4"}) == "10.1.0.4/24 via 10.1.0.1");
  CHECK(network.add("b") == "10.1.0.5/24 via 10.1.0.1");
  CHECK(network.add("c") == "10.1.0.2/24 via 10.1.0.1");
}

TEST_CASE("an allocated address cannot be requested") {
  Network network = small();
  network.add("a", {"10.1.0.4"});
  const Files before = network.files();
  CHECK(network.add("b", {"10.1.0.4"}) ==
        "failed to allocate for range 0: requested IP address 10.1.0.4 is not available in range set "
        "10.1.0.2-10.1.0.5: it belongs to container a (eth0)");
  CHECK(network.add("a", {"10.1.0.4"})
            .starts_with("failed to allocate for range 0: requested IP address 10.1.0.4 is not"));
  CHECK(network.files() == before);
}

TEST_CASE("a container with an address may request another one") {
  Network network = small();
  network.add("a");
  CHECK(network.add("a", {"10.1.0.5"}) == "10.1.0.5/24 via 10.1.0.1");
}

TEST_CASE("the gateway cannot be requested") {
  Network network({range_set({{"10.1.0.0/24"}})});
  CHECK(network.add("a", {"10.1.0.1"}) == "failed to allocate for range 0: requested ip 10.1.0.1 is subnet's gateway");
  CHECK(network.files().empty());
}

TEST_CASE("an excluded address is not allocated and cannot be requested") {
  Network network({range_set({{"10.1.0.0/24", "10.1.0.2", "10.1.0.5"}}, {"10.1.0.3", "10.1.0.4"})});
  CHECK(network.add("a") == "10.1.0.2/24 via 10.1.0.1");
  CHECK(network.add("b") == "10.1.0.5/24 via 10.1.0.1");
  CHECK(network.add("c").find("10.1.0.2-10.1.0.5: 2 of 2 are allocated, the oldest") != std::string::npos);
  CHECK(network.add("d", {"10.1.0.3"}) ==
        "failed to allocate for range 0: requested IP address 10.1.0.3 is not available in range set "
        "10.1.0.2-10.1.0.5: ipam.exclude contains it");
}

TEST_CASE("an allocation that is excluded later still belongs to the container") {
  Network network({range_set({{"10.1.0.0/24"}}, {"10.1.0.64/26"})});
  std::filesystem::create_directory(network.directory().path("n"));
  network.directory().write("n/10.1.0.77", "a\r\neth0");
  CHECK(network.add("a") ==
        "failed to allocate for range 0: 10.1.0.77 has been allocated to a, duplicate allocation is not allowed");
  network.del("a");
  CHECK(network.files().empty());
}

TEST_CASE("requests are distributed to their sets, in the order of the sets") {
  Network network({range_set({{"10.1.0.0/24"}}), range_set({{"fd00:1::/64"}})});
  CHECK(network.add("a", {"fd00:1::7", "10.1.0.7"}) == "10.1.0.7/24 via 10.1.0.1 fd00:1::7/64 via fd00:1::1");
}

TEST_CASE("requests that no set can serve are an error, and nothing is allocated") {
  Network network({range_set({{"10.1.0.0/24"}}), range_set({{"fd00:1::/64"}})});
  CHECK(network.add("a", {"10.1.0.7", "10.9.0.1", "10.1.0.8"}) ==
        "failed to allocate all requested IPs: 10.9.0.1 10.1.0.8; allowed: one address of each range set: "
        "10.1.0.1-10.1.0.254 and fd00:1::1-fd00:1::ffff:ffff:ffff:ffff");
  CHECK(network.files().empty());
}

TEST_CASE("if the hint cannot be written, all allocations are released") {
  Network network = small();
  std::filesystem::create_directory(network.directory().path("n"));
  std::filesystem::create_directory(network.directory().path("n/last_reserved_ip.0"));
  CHECK(network.add("a") == "open last_reserved_ip.0, a directory: Invalid argument");
  CHECK(network.files() == Files{{"last_reserved_ip.0/", ""}});
}

TEST_CASE("eight parallel processes allocate fifty addresses each without a duplicate") {
  constexpr int kProcesses = 8;
  constexpr int kEach = 50;
  const TemporaryDirectory temporary;
  const std::vector<RangeSet> sets{range_set({{"10.1.0.0/16"}}), range_set({{"fd00:1::/64"}})};
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child > 0) {
      children.push_back(child);
      continue;
    }
    int failures = 0;
    for (int i = 0; i < kEach; ++i) {
      try {
        Store store = Store::create(temporary.path(), "n");
        const Holder holder{"c" + std::to_string(process) + "-" + std::to_string(i), "eth0"};
        if (ipam::allocate(store, sets, {}, holder).size() != 2) ++failures;
      } catch (const std::exception&) {
        ++failures;
      }
    }
    ::_exit(failures == 0 ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  // Two allocations of one address would be one file: fewer owners and addresses.
  std::map<std::string, int> addresses_of;
  for (const auto& [name, content] : temporary.files("n")) {
    if (net::Address::parse(name)) ++addresses_of[content];
  }
  CHECK(addresses_of.size() == kProcesses * kEach);
  for (const auto& [holder, count] : addresses_of) CHECK(count == 2);
  CHECK(temporary.read("n/last_reserved_ip.0") == "10.1.1.145");  // 400 addresses from 10.1.0.2 on, without gaps
}
