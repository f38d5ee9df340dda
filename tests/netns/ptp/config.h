// SPDX-License-Identifier: Apache-2.0
// Configurations as users write them, for the kernel tests of ptp. kind clusters use ptp followed by portmap.
#pragma once

#include <string>

namespace test {

inline const std::string kPtp = R"({
  "cniVersion": "1.0.0", "name": "p", "type": "ptp", "ipMasq": true, "mtu": 1400,
  "ipam": {"type": "host-local", "subnet": "10.5.0.0/24", "routes": [{"dst": "0.0.0.0/0"}]}
})";

inline const std::string kPtpDual = R"({
  "cniVersion": "1.0.0", "name": "q", "type": "ptp", "ipMasq": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.6.0.0/24"}], [{"subnet": "fd00:6::/64"}]],
           "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}
})";

}  // namespace test
