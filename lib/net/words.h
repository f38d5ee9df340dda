// SPDX-License-Identifier: Apache-2.0
// The words and lines of a text, as views into it. The text must outlive them.
#pragma once

#include <string_view>
#include <vector>

namespace net {

// Separated by white space of the C locale.
std::vector<std::string_view> words(std::string_view text);

// Lines without their newlines. The last line needs none. An empty text has no line.
std::vector<std::string_view> lines(std::string_view text);

}  // namespace net
