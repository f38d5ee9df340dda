// SPDX-License-Identifier: Apache-2.0
// The addresses that a network may allocate: ranges, and sets of ranges without the excluded addresses.
//
// Each set allocates one address. The rules and texts are those of the reference's host-local plugin. A violation
// throws std::invalid_argument. Its text begins with the reference's words, then names the key of the configuration
// (subnet, rangeStart, rangeEnd), its value and the allowed values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/prefix.h"

namespace ipam {

// A range as in a configuration. complete() adds the defaults.
struct RangeSpec {
  net::Prefix subnet;                 // no host bits
  std::optional<net::Address> start;  // default: the subnet's second address; the first one in a subnet of one or two
  // Default: the subnet's last address; in IPv4 the one before the broadcast address. RFC 3021 subnets of one or two
  // addresses have no broadcast address.
  std::optional<net::Address> end;
  // Default: the subnet's second address. May lie outside of range and subnet. Required in a subnet of one address.
  std::optional<net::Address> gateway;
};

struct Range {
  net::Prefix subnet;
  net::Address start;    // the first and the last address,
  net::Address end;      // both included
  net::Address gateway;  // never allocated

  [[nodiscard]] bool contains(const net::Address& address) const { return start <= address && address <= end; }
  [[nodiscard]] std::string text() const;  // "10.1.0.2-10.1.0.254"
};

// Checks a range and adds the defaults.
Range complete(const RangeSpec& spec);

// Consecutive addresses of one range, none of them excluded.
struct Segment {
  net::Address start;  // both included
  net::Address end;
  std::size_t range = 0;  // index of its range in the set

  [[nodiscard]] bool contains(const net::Address& address) const { return start <= address && address <= end; }
};

// Ranges that together provide one address: at least one range, one family, no overlap.
class RangeSet {
 public:
  // excluded: networks whose addresses are never allocated; they may lie outside of the ranges. An error if no address
  // is left.
  explicit RangeSet(std::vector<Range> ranges, std::span<const net::Prefix> excluded = {});

  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }
  [[nodiscard]] net::Family family() const { return ranges_.front().subnet.family(); }
  [[nodiscard]] std::string text() const;  // the ranges' texts with "," between them

  // The range that contains the address, excluded or not; nullptr if none does.
  [[nodiscard]] const Range* range_of(const net::Address& address) const;

  // The ranges without the exclusions, in order. At most as many as ranges and exclusions together.
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] bool is_excluded(const net::Address& address) const;

  // Can it be allocated: is it in a segment and not the gateway of its range?
  [[nodiscard]] bool offers(const net::Address& address) const;

  // The number of such addresses; the largest uint64_t if there are more.
  [[nodiscard]] std::uint64_t size() const;

 private:
  std::vector<Range> ranges_;
  std::vector<Segment> segments_;
};

// Throws "range set <i> overlaps with <j>" if an address belongs to two sets.
void check_disjoint(std::span<const RangeSet> sets);

}  // namespace ipam
