// SPDX-License-Identifier: Apache-2.0
// The correct spelling of a misspelt name, for "did you mean".
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace net {

// The candidate with the fewest edits from `name`, or "" if none is close: at most one edit, or two if the name has
// eight characters or more. An edit inserts, deletes or replaces a character, or swaps two adjacent ones. The first of
// equals wins.
std::string closest(std::string_view name, std::span<const std::string> candidates);

// "; did you mean "host-local"?", or "" if no candidate is close.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace net
