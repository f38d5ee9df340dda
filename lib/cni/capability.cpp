// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/capability.h"

namespace cni {

bool declares(const Json& config, std::string_view capability) {
  const Json* capabilities = find(config, "capabilities");
  const Json* value = capabilities == nullptr ? nullptr : find(*capabilities, capability);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

}  // namespace cni
