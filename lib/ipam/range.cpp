// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/range.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace ipam {
namespace {

void check_subnet(const net::Prefix& subnet) {
  if (subnet.has_host_bits()) {
    throw std::invalid_argument("Network has host bits set. For a subnet mask of length " +
                                std::to_string(subnet.length) + " the network address is " + subnet.first().text() +
                                "; subnet is " + subnet.text() + ", allowed: " + subnet.network().text());
  }
}

// key: as in the configuration. The reference's text capitalizes it.
void check_inside(const std::string& key, const net::Address& address, const Range& allowed) {
  if (allowed.contains(address)) return;
  std::string title = key;
  title.front() = 'R';
  throw std::invalid_argument(title + " " + address.text() + " not in network " + allowed.subnet.text() + "; " + key +
                              " must lie within " + allowed.text());
}

// An interval of addresses, and the index of its range or set.
struct Interval {
  net::Address start;
  net::Address end;
  std::size_t origin;
};

// Two intervals with different origins that share an address, the lower origin first. The intervals are sorted by
// start: if one overlaps anything, it overlaps the predecessor with the largest end.
std::optional<std::pair<std::size_t, std::size_t>> find_overlap(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& left, const Interval& right) { return left.start < right.start; });
  const Interval* farthest = nullptr;
  for (const Interval& interval : intervals) {
    if (farthest != nullptr && interval.start <= farthest->end) {
      return std::minmax(interval.origin, farthest->origin);
    }
    farthest = &interval;  // without overlap so far, the last one has the largest end
  }
  return std::nullopt;
}

// The excluded networks that overlap the range, sorted.
std::vector<net::Prefix> excluded_from(const Range& range, std::span<const net::Prefix> excluded) {
  std::vector<net::Prefix> result;
  for (const net::Prefix& one : excluded) {
    if (one.family() != range.start.family()) continue;
    if (one.first() <= range.end && range.start <= one.last()) result.push_back(one);
  }
  std::sort(result.begin(), result.end(),
            [](const net::Prefix& left, const net::Prefix& right) { return left.first() < right.first(); });
  return result;
}

void append_segments(std::vector<Segment>& to, const Range& range, std::size_t index,
                     std::span<const net::Prefix> excluded) {
  net::Address start = range.start;
  for (const net::Prefix& one : excluded_from(range, excluded)) {
    if (one.last() < start) continue;  // inside a larger exclusion
    if (start < one.first()) to.push_back({start, one.first().previous(), index});
    if (range.end <= one.last()) return;
    start = one.last().next();
  }
  to.push_back({start, range.end, index});
}

struct Number {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

Number number_of(const net::Address& address) {
  Number number;
  for (const std::uint8_t byte : address.bytes()) {
    number.high = number.high << 8U | number.low >> 56U;
    number.low = number.low << 8U | byte;
  }
  return number;
}

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::uint64_t size_of(const Segment& segment) {
  const Number start = number_of(segment.start);
  const Number end = number_of(segment.end);
  const std::uint64_t borrowed = end.low < start.low ? 1 : 0;
  if (end.high - start.high - borrowed != 0 || end.low - start.low == kMost) return kMost;
  return end.low - start.low + 1;
}

}  // namespace

std::string Range::text() const { return start.text() + "-" + end.text(); }

Range complete(const RangeSpec& spec) {
  check_subnet(spec.subnet);
  const net::Address first = spec.subnet.first();
  const net::Address last = spec.subnet.last();
  if (first == last && !spec.gateway) {
    throw std::invalid_argument("Network " + spec.subnet.text() + " too small to allocate from without a gateway; " +
                                "set \"gateway\" to an address outside of it, or give a shorter prefix in subnet");
  }
  // A network of that size has only host addresses (RFC 3021, RFC 6164).
  const bool has_hosts_only = first == last || first.next() == last;
  const net::Address second = first == last ? first : first.next();
  const Range full{spec.subnet, first, last, second};
  Range range = full;
  range.gateway = spec.gateway.value_or(second);
  // The reference reports a start after the end at the start, or, without a start, at the end.
  if (spec.start) {
    Range before_end = full;
    if (spec.end && full.contains(*spec.end)) before_end.end = *spec.end;
    check_inside("rangeStart", *spec.start, before_end);
  }
  range.start = spec.start.value_or(has_hosts_only ? first : second);
  const bool has_broadcast = spec.subnet.family() == net::Family::v4 && !has_hosts_only;
  range.end = spec.end.value_or(has_broadcast ? last.previous() : last);
  if (spec.end) {
    Range after_start = full;
    after_start.start = range.start;
    check_inside("rangeEnd", *spec.end, after_start);
  }
  return range;
}

RangeSet::RangeSet(std::vector<Range> ranges, std::span<const net::Prefix> excluded) : ranges_(std::move(ranges)) {
  if (ranges_.empty()) throw std::invalid_argument("empty range set; it must hold at least one range with a subnet");
  std::vector<Interval> intervals;
  intervals.reserve(ranges_.size());
  for (const Range& range : ranges_) {
    if (range.subnet.family() != family()) {
      throw std::invalid_argument("mixed address families: subnets " + ranges_.front().subnet.text() + " and " +
                                  range.subnet.text() + "; use one range set per family");
    }
    intervals.push_back({range.start, range.end, intervals.size()});
  }
  if (const auto overlap = find_overlap(std::move(intervals))) {
    throw std::invalid_argument("subnets " + ranges_[overlap->first].text() + " and " +
                                ranges_[overlap->second].text() +
                                " overlap; the ranges of a set must not share an address");
  }
  for (std::size_t index = 0; index < ranges_.size(); ++index) {
    append_segments(segments_, ranges_[index], index, excluded);
  }
  if (!excluded.empty() && size() == 0) {
    throw std::invalid_argument("no address is left in " + text() +
                                ": ipam.exclude must leave one besides the gateway");
  }
}

std::string RangeSet::text() const {
  std::string result;
  for (const Range& range : ranges_) result += (result.empty() ? "" : ",") + range.text();
  return result;
}

const Range* RangeSet::range_of(const net::Address& address) const {
  const auto found =
      std::find_if(ranges_.begin(), ranges_.end(), [&](const Range& range) { return range.contains(address); });
  return found == ranges_.end() ? nullptr : &*found;
}

bool RangeSet::is_excluded(const net::Address& address) const {
  const auto holds = [&](const Segment& segment) { return segment.contains(address); };
  return range_of(address) != nullptr && std::none_of(segments_.begin(), segments_.end(), holds);
}

bool RangeSet::offers(const net::Address& address) const {
  return std::any_of(segments_.begin(), segments_.end(), [&](const Segment& segment) {
    return segment.contains(address) && address != ranges_[segment.range].gateway;
  });
}

std::uint64_t RangeSet::size() const {
  std::uint64_t sum = 0;
  for (const Segment& segment : segments_) {
    const std::uint64_t size = size_of(segment);
    if (size >= kMost - sum) return kMost;
    sum += segment.contains(ranges_[segment.range].gateway) ? size - 1 : size;
  }
  return sum;
}

void check_disjoint(std::span<const RangeSet> sets) {
  std::vector<Interval> intervals;
  for (std::size_t set = 0; set < sets.size(); ++set) {
    for (const Range& range : sets[set].ranges()) intervals.push_back({range.start, range.end, set});
  }
  if (const auto overlap = find_overlap(std::move(intervals))) {
    throw std::invalid_argument("range set " + std::to_string(overlap->first) + " overlaps with " +
                                std::to_string(overlap->second) + ": " + sets[overlap->first].text() + " and " +
                                sets[overlap->second].text() + "; no address may belong to two sets");
  }
}

}  // namespace ipam
