// SPDX-License-Identifier: Apache-2.0
// "capabilities": {"<name>": true}: what a plugin wants the runtime to send as runtimeConfig.<name>. STATUS gets no runtimeConfig.
#pragma once

#include <string_view>

#include "lib/cni/fields.h"

namespace cni {

// config: of one plugin. Any other value than true is no declaration.
bool declares(const Json& config, std::string_view capability);

}  // namespace cni
