// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "footbridge_plugins.h"
#include "tests/lib/cni/call.h"

namespace {

cni::Answer call(const std::string& verb, const std::string& config, const std::string& args = "") {
  cni::Environment environment = environment_of(verb);
  environment["CNI_ARGS"] = args;
  return cni::answer(static_::plugin(), environment, [&config] { return config; });
}

std::string config(const std::string& ipam, const std::string& others = "", const std::string& version = "1.0.0") {
  return R"({"cniVersion": ")" + version + R"(", "name": "n", "type": "bridge", )" + others +
         (others.empty() ? "" : ", ") + R"("ipam": {"type": "static", )" + ipam + "}}";
}

const std::string kBoth = R"("addresses": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"},
                                           {"address": "fd00:1::5/64", "gateway": "fd00:1::1"}])";

// The addresses of an ADD that must succeed, with gateways: "10.1.0.5/24 via 10.1.0.1, fd00::5/64".
std::string addresses(const std::string& config, const std::string& args = "") {
  const cni::Answer answer = call("ADD", config, args);
  CHECK_MESSAGE(answer.exit_code == 0, answer.out);
  std::string text;
  for (const cni::Json& ip : cni::Json::parse(answer.out).value("ips", cni::Json::array())) {
    text += (text.empty() ? "" : ", ") + ip.at("address").get<std::string>();
    if (ip.contains("gateway")) text += " via " + ip.at("gateway").get<std::string>();
  }
  return text;
}

// A call that must fail: "<code>: <msg> [<details>]".
std::string refusal(const std::string& config, const std::string& args = "", const std::string& verb = "ADD") {
  const cni::Answer answer = call(verb, config, args);
  CHECK(answer.exit_code == 1);
  return error_text(answer.out);
}

// `others` of config(): a result of ADD.
std::string previous(const std::string& ips) {
  return R"("prevResult": {"cniVersion": "1.0.0", "ips": [)" + ips + "]}";
}

}  // namespace

TEST_CASE("the result contains the addresses, routes and dns of the configuration") {
  CHECK(call("ADD", config(kBoth + R"(, "routes": [{"dst": "0.0.0.0/0"}, {"dst": "fd00::/8", "gw": "fd00:1::9"}],
                            "dns": {"nameservers": ["10.1.0.53"], "domain": "example.internal"})"))
            .out == R"({
    "cniVersion": "1.0.0",
    "dns": {
        "domain": "example.internal",
        "nameservers": [
            "10.1.0.53"
        ]
    },
    "ips": [
        {
            "address": "10.1.0.5/24",
            "gateway": "10.1.0.1"
        },
        {
            "address": "fd00:1::5/64",
            "gateway": "fd00:1::1"
        }
    ],
    "routes": [
        {
            "dst": "0.0.0.0/0"
        },
        {
            "dst": "fd00::/8",
            "gw": "fd00:1::9"
        }
    ]
})");
}

TEST_CASE("no address is no error") {
  CHECK(addresses(config(R"("addresses": [])")).empty());
  CHECK(addresses(config(R"("addresses": null)")).empty());
}

TEST_CASE("IP in CNI_ARGS adds addresses, and GATEWAY applies to every address of its network") {
  CHECK(addresses(config(kBoth), "IP=10.2.0.5/16,fd00:2::5/64") ==
        "10.1.0.5/24 via 10.1.0.1, fd00:1::5/64 via fd00:1::1, 10.2.0.5/16, fd00:2::5/64");
  CHECK(addresses(config(R"("addresses": [{"address": "10.1.0.5/24"}])"),
                  "IP=10.2.0.5/16,fd00:2::5/64;GATEWAY=10.2.0.1,10.1.0.254,192.0.2.1,fd00:2::1") ==
        "10.1.0.5/24 via 10.1.0.254, 10.2.0.5/16 via 10.2.0.1, fd00:2::5/64 via fd00:2::1");
  CHECK(addresses(config(kBoth), "GATEWAY=10.1.0.254") == "10.1.0.5/24 via 10.1.0.254, fd00:1::5/64 via fd00:1::1");
  CHECK(addresses(config(R"("addresses": [])"), "IgnoreUnknown=1;K8S_POD_NAME=p;IP=10.2.0.5/16") == "10.2.0.5/16");
}

TEST_CASE("args.cni.ips replace the configured addresses, and runtimeConfig.ips replace all") {
  const std::string args = R"("args": {"cni": {"ips": ["10.3.0.5/24", "fd00:3::5/64"]}})";
  const std::string runtime = R"("runtimeConfig": {"ips": ["10.4.0.5/24"]})";
  CHECK(addresses(config(kBoth, args), "IP=10.2.0.5/16;GATEWAY=10.2.0.1") == "10.3.0.5/24, fd00:3::5/64");
  CHECK(addresses(config(kBoth, args + ", " + runtime), "IP=10.2.0.5/16") == "10.4.0.5/24");
  CHECK(addresses(config(kBoth, R"("args": {"cni": {"ips": []}}, "runtimeConfig": {"ips": []})")) ==
        "10.1.0.5/24 via 10.1.0.1, fd00:1::5/64 via fd00:1::1");
}

TEST_CASE("an invalid address is reported with its path and the allowed values") {
  CHECK(refusal(R"({"cniVersion": "1.0.0", "name": "n"})").starts_with("7: IPAM config missing 'ipam' key ["));
  CHECK(refusal(config(R"("addresses": [{"address": "10.1.0.5/24"}, {"address": "10.1.0.6"}])")) ==
        "7: the 'address' field is expected to be in CIDR notation, got: '10.1.0.6'; ipam.addresses[1].address must be "
        "an address with its prefix length, like 10.1.0.5/24 or fd00:1::5/64");
  CHECK(refusal(config(R"("addresses": [{}])"))
            .starts_with("7: the 'address' field is expected to be in CIDR notation, got: ''; ipam.addresses[0]"));
  CHECK(refusal(config(R"("addresses": [{"address": "10.1.0.5/24", "gateway": "x"}])")) ==
        "7: failed to load netconf: ipam.addresses[0].gateway: bad value \"x\"; allowed: an IPv4 or IPv6 address");
  CHECK(refusal(config(R"("addresses": ["10.1.0.5/24"])"))
            .starts_with(
                "7: failed to load netconf: ipam.addresses[0]: \"10.1.0.5/24\" is a string; allowed: an object"));
  CHECK(refusal(config(kBoth), "IP=10.2.0.5/16,10.2.0.6") ==
        "4: the 'ip' field is expected to be in CIDR notation, got: '10.2.0.6'; IP in CNI_ARGS must be an address with "
        "its prefix length, like 10.1.0.5/24 or fd00:1::5/64, or a comma-separated list");
  CHECK(
      refusal(config(kBoth), "GATEWAY=10.1.0.1/24").starts_with("4: invalid gateway address: 10.1.0.1/24; GATEWAY in"));
  CHECK(refusal(config(kBoth, R"("args": {"cni": {"ips": ["10.3.0.5"]}})")) ==
        "7: an entry in the 'ips' field is NOT in CIDR notation, got: '10.3.0.5'; args.cni.ips[0] must be an address "
        "with its prefix length, like 10.1.0.5/24 or fd00:1::5/64");
  CHECK(refusal(config(kBoth, R"("runtimeConfig": {"ips": ["10.3.0.5/24", "red"]})"))
            .starts_with("7: an entry in the 'ips' field is NOT in CIDR notation, got: 'red'; runtimeConfig.ips[1]"));
  CHECK(refusal(config(kBoth), "MAC=0a:00:00:00:00:01").starts_with("4: ARGS: unknown args"));
}

TEST_CASE("before version 0.3.0 one address per family is allowed") {
  const std::string two = R"("addresses": [{"address": "10.1.0.5/24"}, {"address": "10.2.0.5/24"}])";
  CHECK(refusal(config(two, "", "0.2.0")) ==
        "7: CNI version 0.2.0 does not support more than 1 address per family [one address of each family is allowed, "
        "or set "
        "cniVersion to 0.3.0 or later]");
  CHECK(call("ADD", config(kBoth, "", "0.2.0")).exit_code == 0);
  CHECK(call("ADD", config(two, "", "0.3.0")).exit_code == 0);
}

TEST_CASE("more than a thousand addresses are rejected") {
  std::string many;
  for (int i = 0; i <= 1000; ++i) many += (i == 0 ? "\"" : ",\"") + std::string("10.1.0.9/24\"");
  CHECK(refusal(config(kBoth, R"("runtimeConfig": {"ips": [)" + many + "]}")) ==
        "7: too many addresses: 1001; runtimeConfig.ips may have at most 1000");
}

TEST_CASE("CHECK requires the configured gateway for an address of prevResult") {
  CHECK(call("CHECK", config(kBoth, previous(R"({"address": "10.1.0.5/24", "gateway": "10.1.0.1"})"))).exit_code == 0);
  CHECK(call("CHECK", config(kBoth, previous(""))).exit_code == 0);
  CHECK(call("CHECK", config(R"("addresses": [{"address": "10.1.0.5/24"}])",
                             previous(R"({"address": "10.1.0.5/24", "gateway": "10.1.0.1"})")))
            .exit_code == 0);
  CHECK(
      refusal(config(kBoth, previous(R"({"address": "10.1.0.5/24", "gateway": "10.1.0.2"})")), "", "CHECK") ==
      "100: static: Failed to match addr 10.1.0.5 on interface eth0 [its gateway is 10.1.0.1 in the configuration and "
      "10.1.0.2 in prevResult]");
  CHECK(refusal(config(kBoth, previous(R"({"address": "fd00:1::5/64"})")), "", "CHECK") ==
        "100: static: Failed to match addr fd00:1::5 on interface eth0 [its gateway is fd00:1::1 in the configuration "
        "and "
        "missing in prevResult]");
  CHECK(refusal(config(kBoth), "", "CHECK") == "7: Required prevResult missing");
}

TEST_CASE("DEL and GC succeed with any configuration, also when repeated") {
  const std::string broken = config(R"("addresses": 5)", R"("cni.dev/valid-attachments": [])", "1.1.0");
  for (int time = 0; time < 2; ++time) {
    for (const char* verb : {"DEL", "GC"}) {
      const cni::Answer answer = call(verb, broken, "no pair at all");
      CHECK(answer.exit_code == 0);
      CHECK(answer.out.empty());
    }
  }
}

TEST_CASE("STATUS reports whether ADD would accept the configuration") {
  CHECK(call("STATUS", config(kBoth, "", "1.1.0")).exit_code == 0);
  CHECK(refusal(config(R"("addresses": 5)", "", "1.1.0"), "", "STATUS")
            .starts_with("7: failed to load netconf: ipam.addresses: 5 is a number"));
}
