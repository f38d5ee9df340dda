// SPDX-License-Identifier: Apache-2.0
// Which addresses a network may hand out: ranges, and sets of ranges without what is excluded from them.
//
// One address is taken from each set. The rules and their texts are those of the reference's host-local plugin. Every
// breach of a rule is std::invalid_argument; its text begins in the reference's words and goes on with the key as the
// configuration has it (subnet, rangeStart, rangeEnd), its value and what is allowed.
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

// A range as it is written in a configuration. What is left out gets its default in complete().
struct RangeSpec {
  net::Prefix subnet;                 // no host bits
  std::optional<net::Address> start;  // default: the subnet's second address; the first one in a subnet of one or two
  std::optional<net::Address> end;  // default: the subnet's last address, in IPv4 the one before the broadcast address
                                    // if it has one: RFC 3021 subnets of one or two addresses have none
  std::optional<net::Address> gateway;  // default: the subnet's second address; may lie outside range and subnet.
                                        // A subnet of one address needs one
};

struct Range {
  net::Prefix subnet;
  net::Address start;    // the first and the last address that are handed out,
  net::Address end;      // both included
  net::Address gateway;  // never handed out

  [[nodiscard]] bool contains(const net::Address& address) const { return start <= address && address <= end; }
  [[nodiscard]] std::string text() const;  // "10.1.0.2-10.1.0.254"
};

// Checks a range by itself and fills in the defaults.
Range complete(const RangeSpec& spec);

// Neighbouring addresses of one range, none of them excluded.
struct Segment {
  net::Address start;  // both included
  net::Address end;
  std::size_t range = 0;  // index of its range in the set

  [[nodiscard]] bool contains(const net::Address& address) const { return start <= address && address <= end; }
};

// Ranges that serve one address between them: at least one, of one family, without overlap.
class RangeSet {
 public:
  // excluded: networks whose addresses are never handed out; what lies outside of the ranges does not matter. It is an
  // error when nothing is left.
  explicit RangeSet(std::vector<Range> ranges, std::span<const net::Prefix> excluded = {});

  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }
  [[nodiscard]] net::Family family() const { return ranges_.front().subnet.family(); }
  [[nodiscard]] std::string text() const;  // the ranges' texts with "," between them

  // The range that holds the address, excluded or not; nullptr when none does.
  [[nodiscard]] const Range* range_of(const net::Address& address) const;

  // What is left of the ranges, in their order. As many as there are ranges and exclusions, at the most.
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] bool is_excluded(const net::Address& address) const;

  // Is it one that may be handed out: in a segment, and not the gateway of its range?
  [[nodiscard]] bool offers(const net::Address& address) const;

  // How many there are of these; the largest number there is when they are that many or more.
  [[nodiscard]] std::uint64_t size() const;

 private:
  std::vector<Range> ranges_;
  std::vector<Segment> segments_;
};

// No address may belong to two sets: throws "range set <i> overlaps with <j>".
void check_disjoint(std::span<const RangeSet> sets);

}  // namespace ipam
