// SPDX-License-Identifier: Apache-2.0
// Configurations as users write them, for the kernel tests of the bridge chain.
#pragma once

#include <string>

namespace test {

// IPv4, with the keys of a usual node.
inline const std::string kBridge = R"({
  "cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "cni0",
  "isGateway": true, "ipMasq": true, "hairpinMode": true,
  "ipam": {"type": "host-local", "subnet": "10.1.0.0/24", "routes": [{"dst": "0.0.0.0/0"}]}
})";

// IPv4 and IPv6.
inline const std::string kDual = R"({
  "cniVersion": "1.0.0", "name": "d", "type": "bridge", "bridge": "br-dual",
  "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.2.0.0/24"}], [{"subnet": "fd00:2::/64"}]]}
})";

inline const std::string kPortmap = R"({"cniVersion": "1.0.0", "name": "n", "type": "portmap"})";

}  // namespace test
