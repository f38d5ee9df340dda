// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/allow_list.h"

#include <algorithm>
#include <stdexcept>

#include "lib/cni/error.h"
#include "lib/net/words.h"
#include "lib/os/file.h"

namespace tuning {
namespace {

constexpr const char* kPath = "/etc/cni/tuning/allowlist.conf";
constexpr std::size_t kLargestList = 1U << 20U;  // bytes

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kSpace = " \t\v\f\r";
  const std::size_t begin = line.find_first_not_of(kSpace);
  return begin == std::string_view::npos ? "" : line.substr(begin, line.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

std::optional<AllowList> AllowList::read() {
  const auto text = os::read_file(kPath, kLargestList);
  return text ? std::optional(parse(*text, kPath)) : std::nullopt;
}

AllowList AllowList::parse(std::string_view text, const std::string& place) {
  AllowList list;
  std::size_t number = 0;
  for (std::string_view line : net::lines(text)) {
    ++number;
    line = trimmed(line);
    if (line.empty()) continue;
    try {
      list.patterns_.push_back(parse_pattern(std::string(line)));
    } catch (const std::invalid_argument& flaw) {
      throw cni::Error(
          cni::kBadConfiguration,
          place + ":" + std::to_string(number) + ": \"" + std::string(line) + "\": " + flaw.what(),
          "allowed: an extended regular expression (regex(7)), for example ^net\\.ipv4\\.conf\\.IFNAME\\.[a-z_]+$, "
          "with \\d \\w \\s \\D \\W \\S and (?:...); no flags, no non-greedy repetition, no other escaped letter");
    }
    list.lines_ += (list.lines_.empty() ? "" : " ") + std::string(line);
  }
  return list;
}

bool AllowList::allows(const std::string& key) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& one) { return is_match(one, key); });
}

void AllowList::require(const std::vector<Sysctl>& sysctls) const {
  for (const Sysctl& one : sysctls) {
    if (allows(one.key)) continue;
    throw cni::Error(cni::kBadConfiguration,
                     "Sysctl " + one.key + " is not allowed. Only the following sysctls are allowed: [" + lines_ + "]",
                     std::string("each line of ") + kPath +
                         " is a regular expression; it is matched with the key as written in the configuration");
  }
}

}  // namespace tuning
