// SPDX-License-Identifier: Apache-2.0
#include "ipam/host-local/requests.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "lib/cni/args.h"
#include "lib/cni/error.h"
#include "lib/net/prefix.h"

namespace host_local {
namespace {

constexpr std::size_t kMostRequested = 1000;
constexpr std::string_view kAddress = "an IPv4 or IPv6 address";

// "10.1.0.5" or "10.1.0.5/16".
std::optional<net::Address> parse_requested(std::string_view text) {
  if (text.find('/') == std::string_view::npos) return net::Address::parse(text);
  const auto prefix = net::Prefix::parse(text);
  return prefix ? std::optional(prefix->address) : std::nullopt;
}

std::vector<net::Address> parse_list(const cni::Fields& fields) {
  std::vector<net::Address> result;
  for (const std::string& text : fields.texts("ips")) {
    const auto address = parse_requested(text);
    if (!address) {
      const std::string place = fields.path_of("ips") + "[" + std::to_string(result.size()) + "]";
      throw cni::Error(cni::kBadConfiguration,
                       "invalid IP address " + text + ": " + place + " must be " + std::string(kAddress));
    }
    result.push_back(*address);
  }
  return result;
}

std::vector<net::Address> parse_args_ip(const std::string& args) {
  constexpr std::array<std::string_view, 1> kKnown{"IP"};
  const std::string text = cni::value_of(cni::parse_args(args, kKnown), "IP");
  if (text.empty()) return {};
  const auto address = parse_requested(text);
  if (address) return {*address};
  throw cni::Error(cni::kBadEnvironment, "ARGS: error parsing value of pair \"IP=" + text + "\": invalid IP address " +
                                             text + "; IP in CNI_ARGS must be " + std::string(kAddress));
}

}  // namespace

std::vector<net::Address> parse_requests(const cni::Request& request) {
  std::vector<net::Address> all = parse_args_ip(request.args);
  const auto add = [&all](const std::optional<cni::Fields>& fields) {
    if (!fields) return;
    const std::vector<net::Address> more = parse_list(*fields);
    all.insert(all.end(), more.begin(), more.end());
  };
  if (const auto args = request.fields().object("args")) add(args->object("cni"));
  add(request.fields().object("runtimeConfig"));
  if (all.size() > kMostRequested) {
    throw cni::Error(cni::kBadConfiguration, "too many IP addresses requested: " + std::to_string(all.size()) +
                                                 "; args.cni.ips and runtimeConfig.ips may have at most " +
                                                 std::to_string(kMostRequested));
  }
  std::vector<net::Address> result;
  std::copy_if(all.begin(), all.end(), std::back_inserter(result), [&result](const net::Address& address) {
    return std::find(result.begin(), result.end(), address) == result.end();
  });
  return result;
}

}  // namespace host_local
