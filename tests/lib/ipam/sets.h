// SPDX-License-Identifier: Apache-2.0
// Ranges for the tests of lib/ipam, as in a configuration.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/ipam/range.h"

inline net::Address address(const std::string& text) {
  const auto parsed = net::Address::parse(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

struct Written {
  std::string subnet;
  std::string start{};
  std::string end{};
  std::string gateway{};
};

inline ipam::Range range(const Written& written) {
  const auto optional = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(address(text));
  };
  const auto subnet = net::Prefix::parse(written.subnet);
  REQUIRE_MESSAGE(subnet, written.subnet);
  return ipam::complete({*subnet, optional(written.start), optional(written.end), optional(written.gateway)});
}

inline net::Prefix prefix(const std::string& text) {
  const auto parsed =
      text.find('/') == std::string::npos ? std::optional(net::Prefix::host(address(text))) : net::Prefix::parse(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

// excluded: addresses and networks.
inline ipam::RangeSet range_set(const std::vector<Written>& written, const std::vector<std::string>& excluded = {}) {
  std::vector<ipam::Range> ranges;
  for (const Written& one : written) ranges.push_back(range(one));
  std::vector<net::Prefix> prefixes;
  for (const std::string& one : excluded) prefixes.push_back(prefix(one));
  return ipam::RangeSet(ranges, prefixes);
}

// The what() of the exception that `function` throws; "" if it throws none.
template <typename Function>
std::string error_of(const Function& function) {
  try {
    function();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}
