#include "lib/ipam/range.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ipam {
namespace {

constexpr unsigned kFewestHostBits = 2;

void check_subnet(const net::Prefix& subnet) {
  const unsigned longest = net::bits(subnet.family()) - kFewestHostBits;
  if (subnet.length > longest) {
    throw std::invalid_argument("Network " + subnet.text() +
                                " too small to allocate from; the prefix length of subnet " + "must be at most " +
                                std::to_string(longest));
  }
  if (subnet.has_host_bits()) {
    throw std::invalid_argument("Network has host bits set. For a subnet mask of length " +
                                std::to_string(subnet.length) + " the network address is " + subnet.first().text() +
                                "; subnet is " + subnet.text() + ", allowed: " + subnet.network().text());
  }
}

// `key` is the configuration's; the reference's text has it in title case.
void check_inside(const std::string& key, const net::Address& address, const Range& allowed) {
  if (allowed.contains(address)) return;
  std::string title = key;
  title.front() = 'R';
  throw std::invalid_argument(title + " " + address.text() + " not in network " + allowed.subnet.text() + "; " + key +
                              " must lie within " + allowed.text());
}

// An interval of addresses and where it comes from: the index of its range in the set, or of its set.
struct Interval {
  net::Address start;
  net::Address end;
  std::size_t origin;
};

// Two intervals with different origins that share an address, the lower origin first. Sorted by their beginnings, an
// interval that overlaps anything overlaps the one among its predecessors that reaches farthest.
std::optional<std::pair<std::size_t, std::size_t>> find_overlap(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& left, const Interval& right) { return left.start < right.start; });
  const Interval* farthest = nullptr;
  for (const Interval& interval : intervals) {
    if (farthest != nullptr && interval.start <= farthest->end) {
      return std::minmax(interval.origin, farthest->origin);
    }
    farthest = &interval;  // without overlap so far, the last one reaches farthest
  }
  return std::nullopt;
}

}  // namespace

std::string Range::text() const { return start.text() + "-" + end.text(); }

Range complete(const RangeSpec& spec) {
  check_subnet(spec.subnet);
  const net::Address second = spec.subnet.first().next();
  const net::Address last = spec.subnet.last();
  const Range whole{spec.subnet, spec.subnet.first(), last, second};
  Range range = whole;
  range.gateway = spec.gateway.value_or(second);
  // The reference finds a start after the end when it looks at the start; without a start, when it looks at the end.
  if (spec.start) {
    Range before_end = whole;
    if (spec.end && whole.contains(*spec.end)) before_end.end = *spec.end;
    check_inside("rangeStart", *spec.start, before_end);
  }
  range.start = spec.start.value_or(second);
  range.end = spec.end.value_or(spec.subnet.family() == net::Family::v4 ? last.previous() : last);
  if (spec.end) {
    Range after_start = whole;
    after_start.start = range.start;
    check_inside("rangeEnd", *spec.end, after_start);
  }
  return range;
}

RangeSet::RangeSet(std::vector<Range> ranges) : ranges_(std::move(ranges)) {
  if (ranges_.empty()) throw std::invalid_argument("empty range set; it must hold at least one range with a subnet");
  std::vector<Interval> intervals;
  intervals.reserve(ranges_.size());
  for (const Range& range : ranges_) {
    if (range.subnet.family() != family()) {
      throw std::invalid_argument("mixed address families: subnets " + ranges_.front().subnet.text() + " and " +
                                  range.subnet.text() + "; put them into range sets of their own");
    }
    intervals.push_back({range.start, range.end, intervals.size()});
  }
  if (const auto overlap = find_overlap(std::move(intervals))) {
    throw std::invalid_argument("subnets " + ranges_[overlap->first].text() + " and " +
                                ranges_[overlap->second].text() +
                                " overlap; the ranges of a set must not share an address");
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

Walk::Walk(const RangeSet& set, const std::optional<net::Address>& last)
    : ranges_(&set.ranges()), current_(ranges_->front().start) {
  const Range* const range = last ? set.range_of(*last) : nullptr;
  if (range != nullptr) {
    index_ = static_cast<std::size_t>(range - ranges_->data());
    current_ = *last;
    step();
  }
  start_ = current_;
}

void Walk::step() {
  if (current_ != (*ranges_)[index_].end) {
    current_ = current_.next();
    return;
  }
  index_ = (index_ + 1) % ranges_->size();
  current_ = (*ranges_)[index_].start;
}

std::optional<Candidate> Walk::next() {
  while (!is_over_) {
    const Candidate candidate{current_, &(*ranges_)[index_]};
    step();
    is_over_ = current_ == start_;
    if (candidate.address != candidate.range->gateway) return candidate;
  }
  return std::nullopt;
}

}  // namespace ipam
