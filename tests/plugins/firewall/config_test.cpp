// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/config.h"

#include <doctest/doctest.h>

#include "lib/cni/result_json.h"
#include "tests/lib/cni/call.h"

using firewall::Backend;
using firewall::Config;
using firewall::IngressPolicy;

namespace {

cni::Request request_with(const std::string& keys) {
  return request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "firewall")" + (keys.empty() ? "" : ", " + keys) +
                    "}");
}

Config parsed(const std::string& keys) { return firewall::parse_config(request_with(keys)); }

std::string rejection(const std::string& keys) {
  return error_of([&] { parsed(keys); });
}

cni::Result result_of(const std::string& json) {
  return cni::parse_result(cni::Json::parse(json), cni::Version::v1_0_0, "prevResult");
}

}  // namespace

TEST_CASE("without keys the configuration has the reference's defaults") {
  for (const char* keys :
       {"", R"("backend": "", "ingressPolicy": "", "firewalldZone": "", "iptablesAdminChainName": "")",
        R"("backend": null, "ingressPolicy": null)"}) {
    const Config config = parsed(keys);
    CHECK(config.backend == Backend::automatic);
    CHECK(config.policy == IngressPolicy::open);
    CHECK(config.zone == "trusted");
    CHECK(config.admin_chain == "CNI-ADMIN");
    CHECK(config.owner.text() == "n/c1/eth0");
  }
}

TEST_CASE("each key is read, in any case") {
  const Config config = parsed(
      R"("Backend": "firewalld", "ingressPolicy": "same-bridge", "firewalldZone": "work",
         "IptablesAdminChainName": "MINE")");
  CHECK(config.backend == Backend::firewalld);
  CHECK(config.policy == IngressPolicy::same_bridge);
  CHECK(config.zone == "work");
  CHECK(config.admin_chain == "MINE");
  CHECK(parsed(R"("backend": "iptables")").backend == Backend::iptables);
  CHECK(parsed(R"("backend": "pf")").backend == Backend::automatic);
  CHECK(parsed(R"("ingressPolicy": "isolated")").policy == IngressPolicy::isolated);
}

TEST_CASE("an unknown policy is rejected with the reference's words") {
  CHECK(rejection(R"("ingressPolicy": "closed")") ==
        "7: unknown ingress policy: \"closed\" [ingressPolicy: allowed: open, same-bridge, isolated]");
  CHECK(rejection(R"("ingressPolicy": 1)").starts_with("7: "));
}

TEST_CASE("the administrator's chain must have a name that nft(8) accepts and that is not one of ours") {
  for (const char* name :
       {"forward", "admin", "hostports", "2nd", "-x", "a b", "a;b", "x{", "\\u00e4", "abcdefghijklmnopqrstuvwxyz-ab"}) {
    CHECK_MESSAGE(rejection(std::string(R"("iptablesAdminChainName": ")") + name + "\"").starts_with("7: "), name);
  }
  for (const char* name : {"A", "DOCKER-USER", "my.chain_2", "abcdefghijklmnopqrstuvwxyz-a"}) {
    CHECK_MESSAGE(rejection(std::string(R"("iptablesAdminChainName": ")") + name + "\"").empty(), name);
  }
}

TEST_CASE("DEL uses the default zone if firewalldZone is invalid") {
  CHECK(firewall::parse_zone_leniently(request_with(R"("firewalldZone": "work")")) == "work");
  for (const char* keys : {"", R"("firewalldZone": 7)", R"("firewalldZone": "")"}) {
    CHECK(firewall::parse_zone_leniently(request_with(keys)) == "trusted");
  }
}

TEST_CASE("the families are those of the addresses, IPv4 first") {
  const auto prefix = [](const std::string& text) { return net::Prefix::parse(text).value(); };
  CHECK(firewall::families_of({prefix("fd00::2/64"), prefix("10.1.0.2/24")}) ==
        std::vector{net::Family::v4, net::Family::v6});
  CHECK(firewall::families_of({prefix("fd00::2/64")}) == std::vector{net::Family::v6});
  CHECK(firewall::families_of({}).empty());
}

TEST_CASE("the bridge is the first interface; the port is the second if it is on the host, else the owner's host end") {
  const net::Owner owner{"n", "c1", "eth0"};
  Config config;
  config.policy = IngressPolicy::isolated;
  const cni::Result bridge = result_of(
      R"({"interfaces": [{"name": "cni0"}, {"name": "veth1"}, {"name": "eth0", "sandbox": "/run/netns/x"}]})");
  CHECK(firewall::bridge_of(config, bridge) == "cni0");
  CHECK(firewall::port_of(owner, bridge) == "veth1");
  const cni::Result two =
      result_of(R"({"interfaces": [{"name": "cni0"}, {"name": "eth0", "sandbox": "/run/netns/x"}]})");
  CHECK(firewall::port_of(owner, two) == owner.host_end().text());
  CHECK(error_of([&] { firewall::bridge_of(config, cni::Result{}); }) ==
        "7: interface needs to be set for ingress policy \"isolated\", make sure to chain \"firewall\" plugin with "
        "\"bridge\"");
  config.policy = IngressPolicy::open;
  CHECK(firewall::bridge_of(config, cni::Result{}).empty());
}
