// SPDX-License-Identifier: Apache-2.0
#include "cli/reload/restoration.h"

#include <array>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/lib/os/temporary_directory.h"

namespace {

void nothing(const cni::Request& /*request*/) {}

cni::Plugin restorable(std::string_view name) {
  cni::Plugin plugin;
  plugin.name = name;
  plugin.restore = nothing;
  return plugin;
}

const cni::Plugin kBridge = restorable("bridge");
const cni::Plugin kPortmap = restorable("portmap");
const cni::Plugin kLoopback{"loopback", cni::kAllVersions, {}, {}, {}, {}, {}};
const std::array<const cni::Plugin*, 3> kPlugins{&kBridge, &kLoopback, &kPortmap};

constexpr const char* kList = R"({"cniVersion":"1.0.0","name":"net","plugins":[
    {"type":"bridge","capabilities":{"ips":true},"ipam":{"type":"host-local"}},
    {"type":"tuning"},
    {"type":"portmap","capabilities":{"portMappings":true}},
    {"type":"loopback"}]})";

// As libcni 1.1 stores it: without a namespace.
cli::CachedAttachment cached(const std::string& config) {
  cli::CachedAttachment result{{"net", "c1", "eth0"}, {}};
  result.entry.attachment = {"c1", "", "eth0", "A=1", {{"portMappings", {{{"hostPort", 8080}}}}}};
  result.entry.config = config;
  result.entry.result =
      cni::parse_json(R"({"cniVersion":"0.4.0","interfaces":[{"name":"eth0","sandbox":"/run/netns/red"}],)"
                      R"("ips":[{"version":"4","address":"10.0.0.2/24","interface":0}]})");
  return result;
}

}  // namespace

TEST_CASE("only our plugins that can restore are called, in the chain's order") {
  const auto restorations = cli::parse_restorations(cached(kList), kPlugins, {});
  REQUIRE(restorations.size() == 2);
  CHECK(restorations[0].plugin == &kBridge);
  CHECK(restorations[1].plugin == &kPortmap);
}

TEST_CASE("a plugin gets the input of ADD, with the cached result in the configuration's version") {
  const auto restorations = cli::parse_restorations(cached(kList), kPlugins, {});
  const cni::Request& bridge = restorations.at(0).request;
  const cni::Request& portmap = restorations.at(1).request;
  CHECK(bridge.owner() == net::Owner{"net", "c1", "eth0"});
  CHECK(bridge.args == "A=1");
  CHECK(bridge.netns.empty());
  CHECK_FALSE(bridge.config.contains("runtimeConfig"));
  CHECK(bridge.ipam_type() == "host-local");
  CHECK(portmap.version == cni::Version::v1_0_0);
  CHECK(portmap.config.at("runtimeConfig").dump() == R"({"portMappings":[{"hostPort":8080}]})");
  CHECK(portmap.config.at("prevResult").at("cniVersion") == "1.0.0");
  const auto previous = portmap.previous_result();
  REQUIRE(previous);
  CHECK(previous->ips.at(0).address == *net::Prefix::parse("10.0.0.2/24"));
}

TEST_CASE("a configuration without plugins is that of a single plugin") {
  const auto restorations =
      cli::parse_restorations(cached(R"({"cniVersion":"0.4.0","name":"net","type":"bridge"})"), kPlugins, {});
  REQUIRE(restorations.size() == 1);
  CHECK(restorations[0].request.version == cni::Version::v0_4_0);
}

TEST_CASE("a type that ends in a plugin's name is that plugin if the file is this executable") {
  const TemporaryDirectory folder;
  const auto attachment = cached(R"({"cniVersion":"0.4.0","name":"net","type":"cnv-bridge"})");
  const auto restorations = [&] { return cli::parse_restorations(attachment, kPlugins, {folder.path()}); };
  CHECK(restorations().empty());
  std::filesystem::create_symlink("/bin/sh", folder.path("cnv-bridge"));
  CHECK(restorations().empty());
  std::filesystem::remove(folder.path("cnv-bridge"));
  std::filesystem::create_symlink(std::filesystem::read_symlink("/proc/self/exe"), folder.path("cnv-bridge"));
  REQUIRE(restorations().size() == 1);
  CHECK(restorations()[0].plugin == &kBridge);
}

TEST_CASE("a network without our plugins has nothing to restore, whatever its results are") {
  cli::CachedAttachment others = cached(R"({"cniVersion":"1.0.0","name":"net","plugins":[{"type":"calico"}]})");
  others.entry.result = "another program's";
  CHECK(cli::parse_restorations(others, kPlugins, {}).empty());
}

TEST_CASE("a configuration or result that cannot be read is an error") {
  for (const char* config : {"", "{", "[]", R"({"cniVersion":"1.0.0","name":"net","plugins":[]})",
                             R"({"cniVersion":"9.9.9","name":"net","type":"bridge"})",
                             R"({"cniVersion":"1.0.0","name":"net","plugins":"bridge"})"}) {
    CHECK_THROWS_AS(cli::parse_restorations(cached(config), kPlugins, {}), cni::Error);
  }
  CHECK_THROWS_WITH_AS(
      cli::parse_restorations(cached(R"({"cniVersion":"1.0.0","name":"x","type":"bridge"})"), kPlugins, {}),
      "cached configuration: belongs to network x", cni::Error);
  for (const char* result : {"7", "[]", R"({"cniVersion":"0.4.0","ips":7})", "null"}) {
    cli::CachedAttachment one = cached(kList);
    one.entry.result = cni::parse_json(result);
    CHECK_THROWS_AS(cli::parse_restorations(one, kPlugins, {}), cni::Error);
  }
}
