// SPDX-License-Identifier: Apache-2.0
#include "ipam/host-local/ranges.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "lib/cni/capability.h"
#include "lib/cni/error.h"
#include "lib/cni/families.h"
#include "lib/cni/result_json.h"
#include "lib/net/prefix.h"

namespace host_local {
namespace {

constexpr std::size_t kMostRanges = 1000;
constexpr std::size_t kMostExcluded = 1000;

using RangeFields = std::vector<std::vector<cni::Fields>>;  // the ranges of each set

void append(RangeFields& to, const RangeFields& from) { to.insert(to.end(), from.begin(), from.end()); }

RangeFields find_ranges(const cni::Fields& config, const cni::Fields& ipam) {
  RangeFields result;
  if (const auto runtime = config.object("runtimeConfig")) append(result, runtime->lists_of_objects("ipRanges"));
  if (ipam.has("subnet")) result.push_back({ipam});
  append(result, ipam.lists_of_objects("ranges"));
  return result;
}

ipam::RangeSpec parse_range(const cni::Fields& fields) {
  const auto subnet = net::Prefix::parse(fields.text_or("subnet", ""));
  if (!subnet) throw fields.error("subnet", "a network with its prefix length, like 10.1.0.0/16 or fd00:1::/64");
  return {*subnet, cni::parse_address(fields, "rangeStart"), cni::parse_address(fields, "rangeEnd"),
          cni::parse_address(fields, "gateway")};
}

ipam::RangeSet parse_set(const std::vector<cni::Fields>& ranges, std::size_t index,
                         const std::vector<net::Prefix>& excluded) {
  std::string where;
  try {
    std::vector<ipam::Range> complete;
    for (const cni::Fields& range : ranges) {
      const ipam::RangeSpec spec = parse_range(range);
      where = ", in " + range.path();
      complete.push_back(ipam::complete(spec));
    }
    where.clear();
    return ipam::RangeSet(std::move(complete), excluded);
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kBadConfiguration,
                     "invalid range set " + std::to_string(index) + ": " + error.what() + where);
  }
}

// "10.1.0.5" or "10.1.0.0/28".
std::optional<net::Prefix> parse_excluded(const std::string& text) {
  if (const auto address = net::Address::parse(text)) return net::Prefix::host(*address);
  const auto prefix = net::Prefix::parse(text);
  return prefix && !prefix->has_host_bits() ? prefix : std::nullopt;
}

std::vector<net::Prefix> parse_exclude(const cni::Fields& ipam) {
  const std::vector<std::string> texts = ipam.texts("exclude");
  if (texts.size() > kMostExcluded) {
    throw cni::Error(cni::kBadConfiguration, "too many exclusions: " + std::to_string(texts.size()) + "; " +
                                                 ipam.path_of("exclude") + " may have at most " +
                                                 std::to_string(kMostExcluded));
  }
  std::vector<net::Prefix> result;
  for (const std::string& text : texts) {
    const auto excluded = parse_excluded(text);
    if (!excluded) {
      throw cni::Error(cni::kBadConfiguration,
                       "invalid exclusion " + text + ": " + ipam.path_of("exclude") + "[" +
                           std::to_string(result.size()) +
                           "] must be an address or a network without host bits, like 10.1.0.77 or 10.1.0.64/28");
    }
    result.push_back(*excluded);
  }
  return result;
}

// STATUS gets no runtimeConfig, so a network may have no ranges then if the runtime provides them.
bool may_leave_ranges_to_runtime(const cni::Request& request) {
  return request.verb == cni::Verb::status && cni::declares(request.config, "ipRanges");
}

}  // namespace

std::vector<ipam::RangeSet> parse_sets(const cni::Request& request, const cni::Fields& ipam) {
  const RangeFields written = find_ranges(request.fields(), ipam);
  if (written.empty() && may_leave_ranges_to_runtime(request)) return {};
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
  const std::vector<net::Prefix> excluded = parse_exclude(ipam);
  std::vector<ipam::RangeSet> sets;
  std::vector<net::Family> families;
  for (const auto& set : written) {
    sets.push_back(parse_set(set, sets.size(), excluded));
    families.push_back(sets.back().family());
  }
  cni::check_families(families, request.version, "range set");
  try {
    ipam::check_disjoint(sets);
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kBadConfiguration, error.what());
  }
  return sets;
}

}  // namespace host_local
