// SPDX-License-Identifier: Apache-2.0
#include "ipam/static/config.h"

#include <array>
#include <string>
#include <string_view>

#include "lib/cni/args.h"
#include "lib/cni/error.h"
#include "lib/cni/families.h"
#include "lib/cni/result_json.h"

namespace static_ {
namespace {

constexpr std::size_t kMost = 1000;
constexpr std::string_view kNotation = "an address with its prefix length, like 10.1.0.5/24 or fd00:1::5/64";

void check_number(std::size_t number, const std::string& place, cni::Code code = cni::kBadConfiguration) {
  if (number <= kMost) return;
  throw cni::Error(code, "too many addresses: " + std::to_string(number) + "; " + place + " may have at most " +
                             std::to_string(kMost));
}

Address parse_address(const cni::Fields& fields) {
  const std::string text = fields.text_or("address", "");
  const auto address = net::Prefix::parse(text);
  if (!address) {
    throw cni::Error(cni::kBadConfiguration, "the 'address' field is expected to be in CIDR notation, got: '" + text +
                                                 "'; " + fields.path_of("address") + " must be " +
                                                 std::string(kNotation));
  }
  return {*address, cni::parse_address(fields, "gateway")};
}

// The parts of a value of CNI_ARGS, without surrounding white space; none for "".
std::vector<std::string> parts_of(const std::string& value) {
  constexpr std::string_view kWhite = " \t\r\n";
  std::vector<std::string> parts = value.empty() ? std::vector<std::string>{} : cni::split(value, ',');
  for (std::string& part : parts) {
    const std::size_t first = part.find_first_not_of(kWhite);
    part = first == std::string::npos ? "" : part.substr(first, part.find_last_not_of(kWhite) - first + 1);
  }
  return parts;
}

void append_args_ip(std::vector<Address>& to, const std::string& value) {
  const std::vector<std::string> parts = parts_of(value);
  check_number(parts.size(), "IP in CNI_ARGS", cni::kBadEnvironment);
  for (const std::string& text : parts) {
    const auto address = net::Prefix::parse(text);
    if (!address) {
      throw cni::Error(cni::kBadEnvironment, "the 'ip' field is expected to be in CIDR notation, got: '" + text +
                                                 "'; IP in CNI_ARGS must be " + std::string(kNotation) +
                                                 ", or a comma-separated list");
    }
    to.push_back({*address, std::nullopt});
  }
}

void apply_args_gateway(std::vector<Address>& to, const std::string& value) {
  const std::vector<std::string> parts = parts_of(value);
  check_number(parts.size(), "GATEWAY in CNI_ARGS", cni::kBadEnvironment);
  for (const std::string& text : parts) {
    const auto gateway = net::Address::parse(text);
    if (!gateway) {
      throw cni::Error(cni::kBadEnvironment, "invalid gateway address: " + text +
                                                 "; GATEWAY in CNI_ARGS must be an IPv4 or IPv6 address, or a "
                                                 "comma-separated list");
    }
    for (Address& one : to) {
      if (one.address.contains(*gateway)) one.gateway = gateway;
    }
  }
}

std::vector<Address> parse_ips(const cni::Fields& fields) {
  const std::vector<std::string> texts = fields.texts("ips");
  check_number(texts.size(), fields.path_of("ips"));
  std::vector<Address> result;
  for (const std::string& text : texts) {
    const auto address = net::Prefix::parse(text);
    if (!address) {
      throw cni::Error(cni::kBadConfiguration, "an entry in the 'ips' field is NOT in CIDR notation, got: '" + text +
                                                   "'; " + fields.path_of("ips") + "[" + std::to_string(result.size()) +
                                                   "] must be " + std::string(kNotation));
    }
    result.push_back({*address, std::nullopt});
  }
  return result;
}

// The addresses that the caller requests. runtimeConfig wins over args.cni; both replace all others.
std::vector<Address> parse_asked_for(const cni::Request& request) {
  const auto runtime = request.fields().object("runtimeConfig");
  std::vector<Address> addresses = runtime ? parse_ips(*runtime) : std::vector<Address>{};
  const auto args = request.fields().object("args");
  const auto conventions = args ? args->object("cni") : std::nullopt;
  return addresses.empty() && conventions ? parse_ips(*conventions) : addresses;
}

// The configuration's own addresses are not even parsed if the caller requests others.
std::vector<Address> parse_addresses(const cni::Request& request, const cni::Fields& ipam) {
  constexpr std::array<std::string_view, 2> kKnown{"IP", "GATEWAY"};
  const std::vector<cni::Arg> args = cni::parse_args(request.args, kKnown);
  std::vector<Address> addresses = parse_asked_for(request);
  if (!addresses.empty()) return addresses;
  const std::vector<cni::Fields> written = ipam.objects("addresses");
  check_number(written.size(), ipam.path_of("addresses"));
  addresses.reserve(written.size());
  for (const cni::Fields& one : written) addresses.push_back(parse_address(one));
  append_args_ip(addresses, cni::value_of(args, "IP"));
  apply_args_gateway(addresses, cni::value_of(args, "GATEWAY"));
  return addresses;
}

}  // namespace

Config parse_config(const cni::Request& request) {
  const auto ipam = request.fields().object("ipam");
  if (!ipam) {
    throw cni::Error(cni::kBadConfiguration, "IPAM config missing 'ipam' key",
                     "the configuration must have an object \"ipam\" with \"type\": \"static\"");
  }
  Config config;
  config.addresses = parse_addresses(request, *ipam);
  std::vector<net::Family> families;
  families.reserve(config.addresses.size());
  for (const Address& one : config.addresses) families.push_back(one.address.family());
  cni::check_families(families, request.version, "address");
  config.routes = cni::parse_routes(ipam->objects("routes"));
  if (const auto dns = ipam->object("dns")) config.dns = cni::parse_dns(*dns);
  return config;
}

}  // namespace static_
