// SPDX-License-Identifier: Apache-2.0
// A line of the administrator's list: a regular expression. The reference matches with RE2; we use the C library's
// regex(7).
#pragma once

#include <regex.h>

#include <memory>
#include <string>

namespace tuning {

using Pattern = std::unique_ptr<regex_t, void (*)(regex_t*)>;

// Throws std::invalid_argument with the first token that RE2 and the C library might interpret differently.
Pattern parse_pattern(const std::string& text);

// Matches anywhere in the key, unless the pattern has ^ and $. A key with characters other than printable ASCII never
// matches.
bool is_match(const Pattern& pattern, const std::string& key);

}  // namespace tuning
