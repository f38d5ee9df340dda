// SPDX-License-Identifier: Apache-2.0
// The order in which the addresses of a set are tried.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "lib/ipam/range.h"

namespace ipam {

struct Candidate {
  net::Address address;
  const Range* range = nullptr;
};

// From the address after `last` (the one that the set handed out most recently) through all ranges and around to `last`
// itself, or from the beginning when there is no such address in the set. Gateways and what is excluded are left out. Each
// step costs the same, however large the ranges and the exclusions are. The set must outlive the walk.
class Walk {
 public:
  Walk(const RangeSet& set, const std::optional<net::Address>& last);

  // The first free one of first ... last, nullopt when there is none: lets the walk pass over what is taken.
  using NextFree = std::function<std::optional<net::Address>(const net::Address& first, const net::Address& last)>;

  // nullopt once every address was given.
  std::optional<Candidate> next(const NextFree& next_free = {});

 private:
  bool skip_taken(const NextFree& next_free);
  void begin_after(const net::Address& last, std::size_t range);
  void step();

  const RangeSet* set_;
  std::size_t index_ = 0;  // of the segment that current_ is in
  net::Address current_;   // the address to give next
  net::Address start_;     // where the walk began
  bool is_over_ = false;
};

}  // namespace ipam
