#include "ipam/host-local/config.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "lib/cni/args.h"
#include "lib/cni/result_json.h"
#include "lib/net/prefix.h"

namespace host_local {
namespace {

constexpr std::string_view kDataDir = "/var/lib/cni/networks";
constexpr std::size_t kMostRanges = 1000;
constexpr std::size_t kMostRequested = 1000;
constexpr std::string_view kAddress = "an IPv4 or IPv6 address";

using RangeFields = std::vector<std::vector<cni::Fields>>;  // the ranges of each set, as they are written

void append(RangeFields& to, const RangeFields& from) { to.insert(to.end(), from.begin(), from.end()); }

RangeFields find_ranges(const cni::Fields& config, const cni::Fields& ipam) {
  RangeFields result;
  if (const auto runtime = config.object("runtimeConfig")) append(result, runtime->lists_of_objects("ipRanges"));
  if (ipam.has("subnet")) result.push_back({ipam});
  append(result, ipam.lists_of_objects("ranges"));
  return result;
}

std::optional<net::Address> parse_address(const cni::Fields& fields, std::string_view key) {
  const std::string text = fields.text_or(key, "");
  if (text.empty()) return std::nullopt;
  const auto address = net::Address::parse(text);
  if (!address) throw fields.error(key, kAddress);
  return address;
}

ipam::RangeSpec parse_range(const cni::Fields& fields) {
  const auto subnet = net::Prefix::parse(fields.text_or("subnet", ""));
  if (!subnet) throw fields.error("subnet", "a network with its prefix length, like 10.1.0.0/16 or fd00:1::/64");
  return {*subnet, parse_address(fields, "rangeStart"), parse_address(fields, "rangeEnd"),
          parse_address(fields, "gateway")};
}

ipam::RangeSet parse_set(const std::vector<cni::Fields>& ranges, std::size_t index) {
  std::string where;
  try {
    std::vector<ipam::Range> complete;
    for (const cni::Fields& range : ranges) {
      const ipam::RangeSpec spec = parse_range(range);
      where = ", in " + range.path();
      complete.push_back(ipam::complete(spec));
    }
    where.clear();
    return ipam::RangeSet(std::move(complete));
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kBadConfiguration,
                     "invalid range set " + std::to_string(index) + ": " + error.what() + where);
  }
}

void check_number(const std::vector<ipam::RangeSet>& sets, cni::Version version) {
  if (version >= cni::Version::v0_3_0) return;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    const auto same = [family](const ipam::RangeSet& set) { return set.family() == family; };
    if (std::count_if(sets.begin(), sets.end(), same) <= 1) continue;
    throw cni::Error(cni::kBadConfiguration,
                     "CNI version " + std::string(text(version)) + " does not support more than 1 address per family",
                     "one range set of each family is allowed, or set cniVersion to 0.3.0 or later");
  }
}

std::vector<ipam::RangeSet> parse_sets(const cni::Request& request, const cni::Fields& ipam) {
  const RangeFields written = find_ranges(request.fields(), ipam);
  if (written.empty()) {
    throw cni::Error(cni::kBadConfiguration, "no IP ranges specified",
                     "ipam must have ranges or a subnet, like \"ranges\": [[{\"subnet\": \"10.1.0.0/16\"}]]");
  }
  std::size_t count = 0;
  for (const auto& set : written) count += set.size();
  if (std::max(count, written.size()) > kMostRanges) {
    throw cni::Error(cni::kBadConfiguration, "too many IP ranges: " + std::to_string(std::max(count, written.size())) +
                                                 "; ipam.ranges may have at most " + std::to_string(kMostRanges));
  }
  std::vector<ipam::RangeSet> sets;
  for (const auto& set : written) sets.push_back(parse_set(set, sets.size()));
  check_number(sets, request.version);
  try {
    ipam::check_disjoint(sets);
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kBadConfiguration, error.what());
  }
  return sets;
}

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

std::string data_dir_of(const cni::Fields& ipam) {
  const std::string data_dir = ipam.text_or("dataDir", "");
  return data_dir.empty() ? std::string(kDataDir) : data_dir;
}

}  // namespace

Config parse_config(const cni::Request& request) {
  const auto ipam = request.fields().object("ipam");
  if (!ipam) {
    throw cni::Error(cni::kBadConfiguration, "IPAM config missing 'ipam' key",
                     "the configuration must have an object \"ipam\" with \"type\": \"host-local\"");
  }
  Config config;
  config.data_dir = data_dir_of(*ipam);
  config.resolv_conf = ipam->text_or("resolvConf", "");
  config.routes = cni::parse_routes(ipam->objects("routes"));
  config.requested = parse_requests(request);
  config.sets = parse_sets(request, *ipam);
  return config;
}

std::string parse_data_dir(const cni::Request& request) {
  const auto ipam = request.fields().object("ipam");
  return ipam ? data_dir_of(*ipam) : std::string(kDataDir);
}

}  // namespace host_local
