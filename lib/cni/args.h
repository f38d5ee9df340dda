// SPDX-License-Identifier: Apache-2.0
// CNI_ARGS: "KEY=value;KEY=value" (CONVENTIONS.md of the CNI specification).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cni {

struct Arg {
  std::string key;
  std::string value;
};

// All pairs, in order. `known`: the plugin's keys. Any other key is an error, unless IgnoreUnknown is 1 (or true, in
// any case). Throws cni::Error code 4, "ARGS: ...".
std::vector<Arg> parse_args(std::string_view args, std::span<const std::string_view> known);

// The value of the last pair with that key; "" if there is none.
std::string value_of(const std::vector<Arg>& args, std::string_view key);

}  // namespace cni
