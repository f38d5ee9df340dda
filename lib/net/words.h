// SPDX-License-Identifier: Apache-2.0
// The words and lines of a text, as views into it: it must live longer than they do.
#pragma once

#include <string_view>
#include <vector>

namespace net {

// What white space of C's locale is between.
std::vector<std::string_view> words(std::string_view text);

// Without their ends; the last one may have none. An empty text has no line.
std::vector<std::string_view> lines(std::string_view text);

}  // namespace net
