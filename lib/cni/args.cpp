// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/args.h"

#include <algorithm>

#include "lib/cni/error.h"
#include "lib/cni/request.h"

namespace cni {
namespace {

constexpr std::string_view kIgnoreUnknown = "IgnoreUnknown";

bool parse_flag(const Arg& arg) {
  std::string lower = arg.value;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char byte) { return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte); });
  if (lower == "1" || lower == "true") return true;
  if (lower == "0" || lower == "false") return false;
  throw Error(kBadEnvironment, "ARGS: error parsing value of pair \"" + arg.key + "=" + arg.value +
                                   "\": boolean unmarshal error: invalid input " + arg.value);
}

void reject_unknown(const std::vector<Arg>& args, std::span<const std::string_view> known) {
  std::string unknown;
  for (const Arg& arg : args) {
    if (arg.key == kIgnoreUnknown || std::find(known.begin(), known.end(), arg.key) != known.end()) continue;
    unknown += (unknown.empty() ? "\"" : " \"") + arg.key + "=" + arg.value + "\"";
  }
  if (unknown.empty()) return;
  throw Error(kBadEnvironment, "ARGS: unknown args [" + unknown + "]",
              "put IgnoreUnknown=1 into CNI_ARGS to ignore other keys");
}

}  // namespace

std::vector<Arg> parse_args(std::string_view args, std::span<const std::string_view> known) {
  std::vector<Arg> result;
  bool ignore_unknown = false;
  for (const std::string& pair : split(args, ';')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || pair.find('=', equals + 1) != std::string::npos) {
      throw Error(kBadEnvironment, "ARGS: invalid pair \"" + pair + "\"");
    }
    result.push_back({pair.substr(0, equals), pair.substr(equals + 1)});
    if (result.back().key == kIgnoreUnknown) ignore_unknown = parse_flag(result.back());
  }
  if (!ignore_unknown) reject_unknown(result, known);
  return result;
}

std::string value_of(const std::vector<Arg>& args, std::string_view key) {
  std::string result;
  for (const Arg& arg : args) {
    if (arg.key == key) result = arg.value;
  }
  return result;
}

}  // namespace cni
