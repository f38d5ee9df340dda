// SPDX-License-Identifier: Apache-2.0
// Configurations and wanted elements for the tests of portmap.
#pragma once

#include <string>
#include <vector>

#include "plugins/portmap/wanted.h"
#include "tests/lib/cni/call.h"

inline const net::Owner kOwner{"n", "c1", "eth0"};
inline const net::Owner kOther{"n", "c2", "eth0"};
inline const char* const kWeb = R"({"hostPort": 8080, "containerPort": 80})";

inline std::vector<net::Prefix> prefixes(const std::vector<std::string>& texts) {
  std::vector<net::Prefix> result;
  for (const std::string& text : texts) result.push_back(net::Prefix::parse(text).value());
  return result;
}

inline const std::vector<net::Prefix> kV4 = prefixes({"10.1.0.2/24"});
inline const std::vector<net::Prefix> kDual = prefixes({"10.1.0.2/24", "fd00::2/64"});

// The configuration of the owner's ADD with these mappings and keys.
inline portmap::Config config(const std::string& mappings, const std::string& keys = R"("snat": true)",
                              const net::Owner& owner = kOwner) {
  const std::string text = R"({"cniVersion": "1.0.0", "name": "n", "type": "portmap", )" + keys +
                           R"(, "runtimeConfig": {"portMappings": [)" + mappings + "]}}";
  cni::Environment environment = environment_of("ADD");
  environment["CNI_CONTAINERID"] = owner.container_id;
  return portmap::parse_config(request_of(text, environment));
}

// The elements for a container that the host reaches via cni0.
inline portmap::Wanted wanted(const std::string& mappings, const std::vector<net::Prefix>& addresses = kV4,
                              const std::string& keys = R"("snat": true)", const net::Owner& owner = kOwner) {
  const bool has_v4 = !addresses.empty() && addresses.front().address.is_v4();
  return wanted_elements(config(mappings, keys, owner), {addresses, has_v4 ? "cni0" : ""});
}
