// SPDX-License-Identifier: Apache-2.0
// A line of the administrator's list: a regular expression, RE2 in the reference, matched by the C library (regex(7)).
#pragma once

#include <regex.h>

#include <memory>
#include <string>

namespace tuning {

using Pattern = std::unique_ptr<regex_t, void (*)(regex_t*)>;

// Throws std::invalid_argument, which names the first token that RE2 and the C library may read differently.
Pattern parse_pattern(const std::string& text);

// Anywhere in the key, unless the pattern has ^ and $. A key with other characters than printable ASCII does not match.
bool is_match(const Pattern& pattern, const std::string& key);

}  // namespace tuning
