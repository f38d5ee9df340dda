// SPDX-License-Identifier: Apache-2.0
// Versions before 0.3.0 have room for one address of each family in a result.
#pragma once

#include <span>
#include <string_view>

#include "lib/cni/version.h"
#include "lib/net/address.h"

namespace cni {

// Throws cni::Error code 7 when that version cannot tell so many addresses. what: what the operator may have one of,
// "range set".
void check_families(std::span<const net::Family> families, Version version, std::string_view what);

}  // namespace cni
