// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/result_json.h"

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

using cni::parse_result;
using cni::print_result;
using cni::Result;
using cni::Version;

namespace {

net::Prefix prefix(const char* text) { return *net::Prefix::parse(text); }
net::Address address(const char* text) { return *net::Address::parse(text); }

// A result of bridge with two addresses and all fields.
Result full() {
  Result result;
  result.interfaces.push_back({"cni0", "0a:00:00:00:00:01", "", 1500, "", ""});
  result.interfaces.push_back({"eth0", "0a:00:00:00:00:02", "/run/netns/x", 0, "/run/vhost", "0000:00:1f.6"});
  result.ips.push_back({prefix("10.1.0.2/24"), address("10.1.0.1"), 1});
  result.ips.push_back({prefix("fd00::2/64"), std::nullopt, 0});
  result.routes.push_back({prefix("0.0.0.0/0"), address("10.1.0.1"), 1400, 1360, 5, 100, 0});
  result.routes.push_back({prefix("fd00:1::/48"), std::nullopt, 0, 0, 0, std::nullopt, std::nullopt});
  result.dns = {{"10.1.0.53"}, "example.org", {"a.example"}, {"ndots:5"}};
  return result;
}

std::string lists_from_1_0_0(const std::string& version) {
  return R"({
    "cniVersion": ")" +
         version + R"(",
    "dns": {
        "domain": "example.org",
        "nameservers": [
            "10.1.0.53"
        ],
        "options": [
            "ndots:5"
        ],
        "search": [
            "a.example"
        ]
    },
    "interfaces": [
        {
            "mac": "0a:00:00:00:00:01",
            "mtu": 1500,
            "name": "cni0"
        },
        {
            "mac": "0a:00:00:00:00:02",
            "name": "eth0",
            "pciID": "0000:00:1f.6",
            "sandbox": "/run/netns/x",
            "socketPath": "/run/vhost"
        }
    ],
    "ips": [
        {
            "address": "10.1.0.2/24",
            "gateway": "10.1.0.1",
            "interface": 1
        },
        {
            "address": "fd00::2/64",
            "interface": 0
        }
    ],
    "routes": [
        {
            "advmss": 1360,
            "dst": "0.0.0.0/0",
            "gw": "10.1.0.1",
            "mtu": 1400,
            "priority": 5,
            "scope": 0,
            "table": 100
        },
        {
            "dst": "fd00:1::/48"
        }
    ]
})";
}

std::string lists_with_version(const std::string& version) {
  return R"({
    "cniVersion": ")" +
         version + R"(",
    "interfaces": [
        {
            "name": "cni0",
            "mac": "0a:00:00:00:00:01"
        },
        {
            "name": "eth0",
            "mac": "0a:00:00:00:00:02",
            "sandbox": "/run/netns/x"
        }
    ],
    "ips": [
        {
            "version": "4",
            "interface": 1,
            "address": "10.1.0.2/24",
            "gateway": "10.1.0.1"
        },
        {
            "version": "6",
            "interface": 0,
            "address": "fd00::2/64"
        }
    ],
    "routes": [
        {
            "dst": "0.0.0.0/0",
            "gw": "10.1.0.1",
            "mtu": 1400,
            "advmss": 1360,
            "priority": 5,
            "table": 100,
            "scope": 0
        },
        {
            "dst": "fd00:1::/48"
        }
    ],
    "dns": {
        "nameservers": [
            "10.1.0.53"
        ],
        "domain": "example.org",
        "search": [
            "a.example"
        ],
        "options": [
            "ndots:5"
        ]
    }
})";
}

std::string ip4_and_ip6(const std::string& version) {
  return R"({
    "cniVersion": ")" +
         version + R"(",
    "ip4": {
        "ip": "10.1.0.2/24",
        "gateway": "10.1.0.1",
        "routes": [
            {
                "dst": "0.0.0.0/0",
                "gw": "10.1.0.1"
            }
        ]
    },
    "ip6": {
        "ip": "fd00::2/64",
        "routes": [
            {
                "dst": "fd00:1::/48"
            }
        ]
    },
    "dns": {
        "nameservers": [
            "10.1.0.53"
        ],
        "domain": "example.org",
        "search": [
            "a.example"
        ],
        "options": [
            "ndots:5"
        ]
    }
})";
}

Result parse(const std::string& text, Version config) {
  return parse_result(cni::parse_json(text), config, "prevResult");
}

std::string refusal(const std::string& text, Version config) {
  return error_of([&] { parse(text, config); });
}

}  // namespace

TEST_CASE("a result is printed as the reference prints it, byte for byte, in all seven versions") {
  CHECK(print_result(full(), Version::v1_1_0) == lists_from_1_0_0("1.1.0"));
  CHECK(print_result(full(), Version::v1_0_0) == lists_from_1_0_0("1.0.0"));
  CHECK(print_result(full(), Version::v0_4_0) == lists_with_version("0.4.0"));
  CHECK(print_result(full(), Version::v0_3_1) == lists_with_version("0.3.1"));
  CHECK(print_result(full(), Version::v0_3_0) == lists_with_version("0.3.0"));
  CHECK(print_result(full(), Version::v0_2_0) == ip4_and_ip6("0.2.0"));
  CHECK(print_result(full(), Version::v0_1_0) == ip4_and_ip6("0.1.0"));
}

TEST_CASE("an empty result contains its version, and dns if the version requires it") {
  CHECK(print_result({}, Version::v1_1_0) == "{\n    \"cniVersion\": \"1.1.0\"\n}");
  CHECK(print_result({}, Version::v0_3_1) == "{\n    \"cniVersion\": \"0.3.1\",\n    \"dns\": {}\n}");
}

TEST_CASE("the oldest versions cannot express a result without an address") {
  for (const Version old : {Version::v0_1_0, Version::v0_2_0}) {
    CHECK(error_of([&] { return print_result({}, old); }) == "999: cannot convert: no valid IP addresses");
  }
}

TEST_CASE("the oldest versions contain the first address of each family, and its routes") {
  Result result;
  for (const char* one : {"fd00::9/64", "10.1.0.9/24", "10.1.0.10/24", "fd00::10/64"}) {
    result.ips.push_back({prefix(one), std::nullopt, std::nullopt});
  }
  const cni::Json printed = cni::parse_json(print_result(result, Version::v0_2_0));
  CHECK(printed["ip4"]["ip"] == "10.1.0.9/24");
  CHECK(printed["ip6"]["ip"] == "fd00::9/64");
  CHECK_FALSE(printed["ip4"].contains("routes"));
}

TEST_CASE("angle brackets and ampersands are escaped as in Go") {
  Result result;
  result.dns.domain = "<a&b>";
  CHECK(print_result(result, Version::v1_0_0).find("\"\\u003ca\\u0026b\\u003e\"") != std::string::npos);
}

TEST_CASE("a printed result is parsed back unchanged from 1.0.0 on") {
  CHECK(parse(lists_from_1_0_0("1.0.0"), Version::v1_0_0) == full());
  CHECK(parse(lists_from_1_0_0("1.1.0"), Version::v1_0_0) == full());
}

TEST_CASE("from 0.3.0 to 0.4.0 interfaces have only name, mac and sandbox") {
  Result expected = full();
  for (cni::Interface& interface : expected.interfaces)
    interface = {interface.name, interface.mac, interface.sandbox, 0, "", ""};
  CHECK(parse(lists_with_version("0.3.1"), Version::v0_4_0) == expected);
}

TEST_CASE("a result of the oldest shape has addresses without interfaces, and the routes of both families") {
  const Result result = parse(ip4_and_ip6("0.1.0"), Version::v0_2_0);
  CHECK(result.interfaces.empty());
  REQUIRE(result.ips.size() == 2);
  CHECK(result.ips[0] == cni::Ip{prefix("10.1.0.2/24"), address("10.1.0.1"), std::nullopt});
  CHECK(result.ips[1] == cni::Ip{prefix("fd00::2/64"), std::nullopt, std::nullopt});
  REQUIRE(result.routes.size() == 2);
  CHECK(result.routes[0].gw == address("10.1.0.1"));
  CHECK(result.dns == full().dns);
  CHECK(parse_result(cni::parse_json(print_result(result, Version::v1_0_0)), Version::v1_0_0, "x") == result);
}

TEST_CASE("a result without a version has the version of the configuration") {
  CHECK(parse(R"({"ips": [{"address": "10.1.0.2/24"}]})", Version::v1_0_0).ips.size() == 1);
  CHECK(parse(R"({"ip4": {"ip": "10.1.0.2/24"}})", Version::v0_2_0).ips.size() == 1);
  CHECK(parse("{}", Version::v1_1_0) == Result());
}

TEST_CASE("a result whose shape differs from the configuration's version is rejected") {
  CHECK(refusal(R"({"cniVersion": "0.4.0"})", Version::v1_0_0) ==
        "1: prevResult: result type supports [1.0.0 1.1.0] but unmarshalled CNIVersion is \"0.4.0\"");
  CHECK(refusal(R"({"cniVersion": "1.0.0"})", Version::v0_3_1) ==
        "1: prevResult: result type supports [0.3.0 0.3.1 0.4.0] but unmarshalled CNIVersion is \"1.0.0\"");
  CHECK(refusal(R"({"cniVersion": "0.3.0"})", Version::v0_1_0) ==
        "1: prevResult: result type supports [0.1.0 0.2.0] but unmarshalled CNIVersion is \"0.3.0\"");
  CHECK(refusal(R"({"cniVersion": "9"})", Version::v1_0_0).ends_with("unmarshalled CNIVersion is \"9\""));
}

TEST_CASE("a bad value in a result is reported with its path") {
  CHECK(refusal(R"({"ips": [{"address": "10.1.0.2"}]})", Version::v1_0_0)
            .starts_with("7: failed to load netconf: prevResult.ips[0].address: bad value \"10.1.0.2\"; allowed: "));
  CHECK(refusal(R"({"ips": [{"address": "10.1.0.2/24", "gateway": "x"}]})", Version::v1_0_0)
            .starts_with("7: failed to load netconf: prevResult.ips[0].gateway: bad value \"x\"; allowed: "));
  CHECK(refusal(R"({"routes": [{"dst": "0.0.0.0/0", "mtu": -1}]})", Version::v1_0_0)
            .starts_with("7: failed to load netconf: prevResult.routes[0].mtu: bad value -1; allowed: "));
  CHECK(refusal("[]", Version::v1_0_0).starts_with("7: failed to load netconf: prevResult: [] is a list"));
}

TEST_CASE("null lists, an empty gateway and keys in another case are parsed as in the reference") {
  const Result result =
      parse(R"({"Interfaces": null, "IPs": [{"Address": "10.1.0.2/24", "gateway": "", "interface": 0}],
                                  "routes": null, "dns": null})",
            Version::v1_0_0);
  REQUIRE(result.ips.size() == 1);
  CHECK(result.ips[0] == cni::Ip{prefix("10.1.0.2/24"), std::nullopt, 0});
}

TEST_CASE("a request contains the previous plugin's result, if there is one") {
  const std::string with =
      R"({"cniVersion": "1.0.0", "name": "n", "prevResult": {"ips": [{"address": "10.1.0.2/24"}]}})";
  CHECK(request_of(with).previous_result()->ips.size() == 1);
  CHECK(request_of(R"({"cniVersion": "1.0.0", "name": "n"})").previous_result() == std::nullopt);
  CHECK(request_of(R"({"cniVersion": "1.0.0", "name": "n", "prevResult": null})").previous_result() == std::nullopt);
  const cni::Request bad = request_of(R"({"cniVersion": "1.0.0", "name": "n", "prevResult": {"cniVersion": "0.2.0"}})");
  CHECK(error_of([&] {
          return bad.previous_result();
        }).starts_with("1: could not parse prevResult: result type supports"));
}
