// SPDX-License-Identifier: Apache-2.0
// The value of a sysctl as it was written and as it is read back.
#pragma once

#include <string_view>

namespace tuning {

// Do they mean the same? The kernel separates numbers by tabs, writes all of them in decimal, and lists of ports as ranges.
bool is_same_value(std::string_view written, std::string_view read);

}  // namespace tuning
