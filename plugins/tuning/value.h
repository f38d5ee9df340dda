// SPDX-License-Identifier: Apache-2.0
// Comparison of a configured sysctl value with the kernel's.
#pragma once

#include <string_view>

namespace tuning {

// Are the values equal? The kernel separates numbers by tabs, prints them in decimal, and prints lists of ports as
// ranges.
bool is_same_value(std::string_view written, std::string_view read);

}  // namespace tuning
