// SPDX-License-Identifier: Apache-2.0
// Plans of the bridge plugin from user input: a configuration and an IPAM plugin's result as JSON.
#pragma once

#include <string>

#include "lib/cni/result_json.h"
#include "plugins/bridge/plan.h"
#include "tests/lib/cni/call.h"

namespace test {

inline const net::Mac kMac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x01}};
inline const net::Owner kOwner{"n", "c1", "eth0"};

// The configuration of network n with these additional keys, without the braces: R"("isGateway": true)".
inline cni::Request request_with(const std::string& keys, const std::string& cni_args = {}) {
  cni::Environment environment = environment_of("ADD");
  if (!cni_args.empty()) environment["CNI_ARGS"] = cni_args;
  return request_of(
      R"({"cniVersion": "1.0.0", "name": "n", "type": "bridge")" + (keys.empty() ? "" : ", " + keys) + "}",
      environment);
}

inline bridge::Config config_with(const std::string& keys, const std::string& cni_args = {}) {
  return bridge::parse_config(request_with(keys, cni_args));
}

// An IPAM plugin's result.
inline cni::Result lease_of(const std::string& ips, const std::string& routes = "[]") {
  const cni::Json json =
      cni::Json::parse(R"({"cniVersion": "1.0.0", "ips": )" + ips + R"(, "routes": )" + routes + "}");
  return cni::parse_result(json, cni::Version::v1_0_0, "lease");
}

inline net::Prefix prefix(const std::string& text) { return net::Prefix::parse(text).value(); }

inline std::vector<net::Prefix> prefixes(const std::vector<std::string>& texts) {
  std::vector<net::Prefix> result;
  for (const std::string& text : texts) result.push_back(prefix(text));
  return result;
}

// The plan as commands. The host end's name, a hash, is replaced by HOSTEND.
inline std::string shown(const plan::Plan& plan) {
  std::string text = plan::text(plan);
  const std::string name = kOwner.host_end().text();
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
    text.replace(at, name.size(), "HOSTEND");
  }
  return text;
}

inline netlink::Link link(std::uint32_t index, const std::string& name, const std::string& kind) {
  netlink::Link result;
  result.index = index;
  result.name = name;
  result.kind = kind;
  return result;
}

inline netlink::BridgeLink bridge_link(std::uint32_t index, const std::string& name) {
  return {link(index, name, "bridge"), {}};
}

}  // namespace test
