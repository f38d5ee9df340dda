// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/walk.h"

#include <algorithm>

namespace ipam {

Walk::Walk(const RangeSet& set, const std::optional<net::Address>& last)
    : set_(&set), is_over_(set.segments().empty()) {
  if (is_over_) return;
  current_ = set.segments().front().start;
  const Range* const range = last ? set.range_of(*last) : nullptr;
  if (range != nullptr) begin_after(*last, static_cast<std::size_t>(range - set.ranges().data()));
  start_ = current_;
}

// `last` may be excluded by now; then the walk starts at the end of that exclusion.
void Walk::begin_after(const net::Address& last, std::size_t range) {
  const auto& segments = set_->segments();
  const auto found = std::find_if(segments.begin(), segments.end(), [&](const Segment& segment) {
    return segment.range > range || (segment.range == range && last < segment.end);
  });
  if (found == segments.end()) return;  // start at the beginning
  index_ = static_cast<std::size_t>(found - segments.begin());
  current_ = found->contains(last) ? last.next() : found->start;
}

void Walk::step() {
  const auto& segments = set_->segments();
  if (current_ != segments[index_].end) {
    current_ = current_.next();
    return;
  }
  index_ = (index_ + 1) % segments.size();
  current_ = segments[index_].start;
}

// Moves to the next free address of this segment; without one, to the next segment, and returns false.
bool Walk::skip_taken(const NextFree& next_free) {
  const net::Address& end = set_->segments()[index_].end;
  const bool ends_before = current_ < start_ && start_ <= end;  // the walk is back in its first segment
  const net::Address last = ends_before ? start_.previous() : end;
  if (const auto free = next_free(current_, last)) {
    current_ = *free;
    return true;
  }
  current_ = last;
  step();
  is_over_ = current_ == start_;
  return false;
}

std::optional<Candidate> Walk::next(const NextFree& next_free) {
  while (!is_over_) {
    if (next_free && !skip_taken(next_free)) continue;
    const Candidate candidate{current_, &set_->ranges()[set_->segments()[index_].range]};
    step();
    is_over_ = current_ == start_;
    if (candidate.address != candidate.range->gateway) return candidate;
  }
  return std::nullopt;
}

}  // namespace ipam
