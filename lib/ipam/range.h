// Which addresses a network may hand out: ranges, sets of ranges, and the order in which a set is tried.
//
// One address is taken from each set. The rules and their texts are those of the reference's host-local plugin. Every
// breach of a rule is std::invalid_argument; its text begins in the reference's words and goes on with the key as the
// configuration has it (subnet, rangeStart, rangeEnd), its value and what is allowed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/prefix.h"

namespace ipam {

// A range as it is written in a configuration. What is left out gets its default in complete().
struct RangeSpec {
  net::Prefix subnet;                 // no host bits; at least two bits to number hosts with
  std::optional<net::Address> start;  // default: the subnet's second address
  std::optional<net::Address> end;  // default: the subnet's last address, in IPv4 the one before the broadcast address
  std::optional<net::Address> gateway;  // default: the subnet's second address; may lie outside range and subnet
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

// Ranges that serve one address between them: at least one, of one family, without overlap.
class RangeSet {
 public:
  explicit RangeSet(std::vector<Range> ranges);

  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }
  [[nodiscard]] net::Family family() const { return ranges_.front().subnet.family(); }
  [[nodiscard]] std::string text() const;  // the ranges' texts with "," between them

  // The range that holds the address; nullptr when none does.
  [[nodiscard]] const Range* range_of(const net::Address& address) const;

 private:
  std::vector<Range> ranges_;
};

// No address may belong to two sets: throws "range set <i> overlaps with <j>".
void check_disjoint(std::span<const RangeSet> sets);

struct Candidate {
  net::Address address;
  const Range* range = nullptr;
};

// The addresses of a set in the order in which they are tried: from the one after `last` (the address that the set handed
// out most recently) through all ranges and around to `last` itself, or from the beginning when there is no such address
// in the set. Gateways are left out. Each step costs the same, however large the ranges are. The set must outlive the walk.
class Walk {
 public:
  Walk(const RangeSet& set, const std::optional<net::Address>& last);

  // nullopt once every address was given.
  std::optional<Candidate> next();

 private:
  void step();

  const std::vector<Range>* ranges_;
  std::size_t index_ = 0;  // of the range that current_ is in
  net::Address current_;   // the address to give next
  net::Address start_;     // where the walk began
  bool is_over_ = false;
};

}  // namespace ipam
