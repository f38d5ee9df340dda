// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/layer3.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "lib/cni/result_json.h"

namespace {

cni::Result lease_of(const std::string& text) {
  return cni::parse_result(cni::Json::parse(text), cni::Version::v1_0_0, "result");
}

// The explanations that the errors of the planned routes would contain, in order of the plan; "-" for none.
std::string explanations(const std::string& lease) {
  plan::Plan plan;
  attachment::plan_routes(plan, {net::IfName("eth0"), 2}, lease_of(lease), {});
  std::string text;
  for (const plan::Step& step : plan.steps) {
    const auto& route = std::get<netlink::NewRoute>(std::get<plan::LinkChange>(step.what));
    text += (text.empty() ? "" : "; ") + (route.explanation.empty() ? "-" : route.explanation);
  }
  return text;
}

}  // namespace

TEST_CASE("the error of a route through a gateway outside the subnet names key, gateway and subnet") {
  CHECK(explanations(
            R"({"ips": [{"address": "10.1.0.2/24", "gateway": "10.9.0.1"}], "routes": [{"dst": "0.0.0.0/0"}]})") ==
        "ipam: gateway 10.9.0.1 is outside subnet 10.1.0.0/24");
  CHECK(explanations(R"({"ips": [{"address": "10.1.0.2/24"}, {"address": "fd00::2/64"}],
                         "routes": [{"dst": "10.7.0.0/16", "gw": "10.9.0.1"}]})") ==
        "ipam: routes: gw 10.9.0.1 is outside subnet 10.1.0.0/24");
}

TEST_CASE("a gateway inside a subnet or behind an on-link route needs no explanation") {
  CHECK(explanations(
            R"({"ips": [{"address": "10.1.0.2/24", "gateway": "10.1.0.1"}], "routes": [{"dst": "0.0.0.0/0"}]})") ==
        "-");
  CHECK(explanations(R"({"ips": [{"address": "10.1.0.2/24"}],
                         "routes": [{"dst": "0.0.0.0/0", "gw": "10.9.0.1"}, {"dst": "10.9.0.1/32", "scope": 253}]})") ==
        "-; -");
  CHECK(explanations(R"({"ips": [{"address": "fd00::2/64"}], "routes": [{"dst": "::/0", "gw": "fe80::1"}]})") == "-");
}
