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

// Starts after `last`, the address that the set allocated last, visits all ranges, and ends with `last`. Starts at the
// beginning if the set does not contain it. Skips gateways and excluded addresses. The cost of a step does not depend
// on the size of the ranges or exclusions. The set must outlive the walk.
class Walk {
 public:
  Walk(const RangeSet& set, const std::optional<net::Address>& last);

  // Returns the first free address of first ... last, or nullopt: lets the walk skip allocated addresses.
  using NextFree = std::function<std::optional<net::Address>(const net::Address& first, const net::Address& last)>;

  // nullopt after the last address.
  std::optional<Candidate> next(const NextFree& next_free = {});

 private:
  bool skip_taken(const NextFree& next_free);
  void begin_after(const net::Address& last, std::size_t range);
  void step();

  const RangeSet* set_;
  std::size_t index_ = 0;  // of the segment that current_ is in
  net::Address current_;   // the next address
  net::Address start_;     // where the walk began
  bool is_over_ = false;
};

}  // namespace ipam
