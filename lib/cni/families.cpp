// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/families.h"

#include <algorithm>
#include <string>

#include "lib/cni/error.h"

namespace cni {

void check_families(std::span<const net::Family> families, Version version, std::string_view what) {
  if (version >= Version::v0_3_0) return;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    if (std::count(families.begin(), families.end(), family) <= 1) continue;
    throw Error(kBadConfiguration,
                "CNI version " + std::string(text(version)) + " does not support more than 1 address per family",
                "one " + std::string(what) + " of each family is allowed, or set cniVersion to 0.3.0 or later");
  }
}

}  // namespace cni
