// Ranges for the tests of lib/ipam, written as in a configuration.
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

inline ipam::RangeSet range_set(const std::vector<Written>& written) {
  std::vector<ipam::Range> ranges;
  for (const Written& one : written) ranges.push_back(range(one));
  return ipam::RangeSet(ranges);
}

// What() of the exception that `function` throws; "" when it throws none.
template <typename Function>
std::string error_of(const Function& function) {
  try {
    function();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}
