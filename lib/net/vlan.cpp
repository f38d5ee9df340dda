// SPDX-License-Identifier: Apache-2.0
#include "lib/net/vlan.h"

#include <algorithm>

namespace net {

std::string VlanRange::text() const {
  std::string text = std::to_string(first.value());
  if (first != last) text += "-" + std::to_string(last.value());
  return text;
}

std::vector<VlanRange> joined(std::vector<VlanRange> ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<VlanRange> result;
  for (const VlanRange& range : ranges) {
    if (!result.empty() && range.first.value() <= result.back().last.value() + 1) {
      result.back().last = std::max(result.back().last, range.last);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

}  // namespace net
