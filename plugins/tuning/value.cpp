// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/value.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/words.h"

namespace tuning {
namespace {

// Decimal, hexadecimal (0x) or octal (leading 0), as the kernel parses numbers.
std::optional<std::int64_t> number_of(std::string_view word) {
  const bool is_negative = word.starts_with('-');
  if (is_negative) word.remove_prefix(1);
  int base = 10;
  if (word.starts_with("0x") || word.starts_with("0X")) {
    base = 16;
    word.remove_prefix(2);
  } else if (word.size() > 1 && word.starts_with('0')) {
    base = 8;
    word.remove_prefix(1);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.begin(), word.end(), number, base);
  if (word.starts_with('-') || error != std::errc() || end != word.end()) return std::nullopt;
  return is_negative ? -number : number;
}

using Range = std::pair<std::int64_t, std::int64_t>;

// "1,2,8-9" as sorted, disjoint ranges; nullopt for anything else.
std::optional<std::vector<Range>> ranges_of(std::string_view list) {
  std::vector<Range> ranges;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const std::size_t dash = item.find('-');
    const auto first = number_of(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number_of(item.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    ranges.emplace_back(*first, *last);
  }
  std::sort(ranges.begin(), ranges.end());
  std::vector<Range> joined;
  for (const Range& range : ranges) {
    if (!joined.empty() && range.first - 1 <= joined.back().second) {
      joined.back().second = std::max(joined.back().second, range.second);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

std::optional<net::Address> ipv6_of(std::string_view word) {
  const auto address = net::Address::parse(word);
  return address && address->family() == net::Family::v6 ? address : std::nullopt;
}

bool is_same_word(std::string_view written, std::string_view read) {
  if (written == read) return true;
  if (const auto address = ipv6_of(written)) return address == ipv6_of(read);
  const auto number = number_of(written);
  if (number) return number == number_of(read);
  const auto ranges = ranges_of(written);
  return ranges && ranges == ranges_of(read);
}

}  // namespace

bool is_same_value(std::string_view written, std::string_view read) {
  const std::vector<std::string_view> left = net::words(written);
  const std::vector<std::string_view> right = net::words(read);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), is_same_word);
}

}  // namespace tuning
