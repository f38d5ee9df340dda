// SPDX-License-Identifier: Apache-2.0
// Results before version 0.3.0 hold one address per family.
#pragma once

#include <span>
#include <string_view>

#include "lib/cni/version.h"
#include "lib/net/address.h"

namespace cni {

// Throws cni::Error code 7 if that version cannot express the addresses. what: the object of which only one is
// allowed, "range set".
void check_families(std::span<const net::Family> families, Version version, std::string_view what);

}  // namespace cni
