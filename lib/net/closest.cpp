// SPDX-License-Identifier: Apache-2.0
#include "lib/net/closest.h"

#include <algorithm>
#include <vector>

namespace net {
namespace {

constexpr std::size_t kLongName = 8;  // from this length on, two edits are a typing error

std::size_t difference(std::size_t a, std::size_t b) { return a > b ? a - b : b - a; }

// The optimal string alignment distance, which counts a swap of adjacent characters as one edit.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string closest(std::string_view name, std::span<const std::string> candidates) {
  std::size_t limit = name.size() < kLongName ? 1 : 2;
  const std::string* best = nullptr;
  for (const std::string& candidate : candidates) {
    if (candidate == name || difference(candidate.size(), name.size()) > limit) continue;
    const std::size_t distance = edits(name, candidate);
    if (distance > limit || (best != nullptr && distance == limit)) continue;
    best = &candidate;
    limit = distance;
  }
  return best == nullptr ? "" : *best;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  const std::string meant = closest(name, candidates);
  return meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
}

}  // namespace net
