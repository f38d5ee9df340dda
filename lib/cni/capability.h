// SPDX-License-Identifier: Apache-2.0
// "capabilities": {"<name>": true} requests runtimeConfig.<name> from the runtime. STATUS gets no runtimeConfig.
#pragma once

#include <string_view>

#include "lib/cni/fields.h"

namespace cni {

// config: of one plugin. A value other than true declares nothing.
bool declares(const Json& config, std::string_view capability);

}  // namespace cni
