// SPDX-License-Identifier: Apache-2.0
// ADD waits up to 2 s for the release of a port that another container has, and then rejects it.
#include <chrono>
#include <future>

#include <doctest/doctest.h>

#include "tests/netns/bridge/config.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;
using test::Outcome;
using Clock = std::chrono::steady_clock;

namespace {

struct Container {
  Host& host;
  std::string id;
  std::string netns;
  Json config = nullptr;  // portmap's

  Container(Host& host, const std::string& id) : host(host), id(id), netns(host.add_netns(id)) {
    const Outcome added = call({"bridge", "ADD", id, netns, test::kDual});
    REQUIRE_MESSAGE(added.ok(), added.out);
    config = {{"cniVersion", "1.1.0"}, {"name", "d"}, {"type", "portmap"}, {"prevResult", added.json()}};
    config["runtimeConfig"]["portMappings"] = Json::parse(R"([{"hostPort": 8080, "containerPort": 80}])");
  }

  [[nodiscard]] test::Call portmap(const std::string& verb) const {
    return {"portmap", verb, id, netns, config.dump()};
  }
};

// Does an ADD wait? If so, its namespace has a socket that subscribes to nf_tables events.
bool waits(const Host& host) {
  return host.try_run("", {"grep", "-Eq", "^[0-9a-f]+ +12 +[0-9]+ +00000040 ", "/proc/self/net/netlink"}).exit_code ==
         0;
}

// Starts an ADD in another process, and returns when it waits.
std::future<Outcome> begin(const Host& host, const Container& container) {
  auto added = std::async(std::launch::async, [&] { return call(container.portmap("ADD")); });
  while (!waits(host) && added.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
  }
  CHECK(waits(host));
  return added;
}

void expect_owner(const Host& host, const std::string& owner) {
  for (const char* set : {"hostport4", "hostport6"}) {
    CHECK_MESSAGE(host.elements(set).size() == 1, set);
    CHECK_MESSAGE(host.elements(set).dump().find(owner) != std::string::npos, set);
  }
}

}  // namespace

TEST_CASE("ADD succeeds if the port's owner releases it within a second") {
  Host host;
  const Container old(host, "old");
  const Container next(host, "next");
  REQUIRE(call(old.portmap("ADD")).ok());
  SUBCASE("ADD comes before DEL") {
    auto added = begin(host, next);
    CHECK(call(old.portmap("DEL")).ok());
    CHECK(added.get().ok());
  }
  SUBCASE("ADD comes before the owner's link is deleted") {
    auto added = begin(host, next);
    host.run({"ip", "link", "delete", "eth0"}, "old");
    CHECK(added.get().ok());
  }
  SUBCASE("ADD comes before GC") {
    Json gc = old.config;
    gc.erase("prevResult");
    gc.erase("runtimeConfig");
    gc["cni.dev/valid-attachments"] = Json::parse(R"([{"containerID": "next", "ifname": "eth0"}])");
    auto added = begin(host, next);
    CHECK(call({"portmap", "GC", {}, {}, gc.dump(), {}}).ok());
    CHECK(added.get().ok());
  }
  SUBCASE("DEL comes first") {
    CHECK(call(old.portmap("DEL")).ok());
    CHECK(call(next.portmap("ADD")).ok());
  }
  SUBCASE("both come at once") {
    for (const Outcome& outcome : test::call_together({next.portmap("ADD"), old.portmap("DEL")})) {
      CHECK_MESSAGE(outcome.ok(), outcome.out);
    }
  }
  expect_owner(host, "d/next/eth0");
}

TEST_CASE("ADD rejects a port that is not released after 2 s, in spite of other nf_tables events; its owner keeps it") {
  Host host;
  const Container old(host, "old");
  const Container next(host, "next");
  REQUIRE(call(old.portmap("ADD")).ok());
  const std::string before = host.snapshot({"old", "next"});
  const auto begun = Clock::now();
  auto added = begin(host, next);
  host.run({"nft", "add table inet others; delete table inet others"});
  const Outcome rejected = added.get();
  const auto waited = Clock::now() - begun;
  CHECK(waited >= std::chrono::seconds(2));
  CHECK(waited < std::chrono::seconds(10));
  CHECK(rejected.json()["code"] == 101);
  CHECK(rejected.json()["msg"] == "host port 8080/tcp is already published by d/old/eth0");
  CHECK(rejected.json()["details"] ==
        "waited 2 s for its release; it leads to 10.2.0.2 port 80; choose another hostPort, or delete that "
        "attachment and try again");
  CHECK(test::difference(before, host.snapshot({"old", "next"})).empty());
}

TEST_CASE("SIGTERM ends the wait") {
  Host host;
  const Container old(host, "old");
  const Container next(host, "next");
  REQUIRE(call(old.portmap("ADD")).ok());
  const auto begun = Clock::now();
  const auto ended =
      host.try_run("",
                   {"env", "CNI_COMMAND=ADD", "CNI_CONTAINERID=next", "CNI_NETNS=" + next.netns, "CNI_IFNAME=eth0",
                    "CNI_PATH=" + test::bin(), "timeout", "--preserve-status", "0.5", test::bin() + "/portmap"},
                   next.config.dump());
  CHECK(ended.exit_code != 0);
  CHECK(ended.out.empty());
  CHECK(Clock::now() - begun < std::chrono::seconds(2));
  expect_owner(host, "d/old/eth0");
}
