// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/allocator.h"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "lib/ipam/exhaustion.h"
#include "lib/ipam/walk.h"

namespace ipam {
namespace {

using Requests = std::vector<std::optional<net::Address>>;  // one for each set

// "10.1.0.1-10.1.0.254 and fd00:1::1-fd00:1::ffff".
std::string list(std::span<const RangeSet> sets) {
  constexpr std::size_t kMostSets = 10;
  std::string text;
  for (const RangeSet& set : sets.first(std::min(sets.size(), kMostSets))) {
    text += (text.empty() ? "" : " and ") + set.text();
  }
  return text + (sets.size() > kMostSets ? " ..." : "");
}

// The requested address of each set. Computed before anything is allocated.
Requests distribute(std::span<const RangeSet> sets, std::span<const net::Address> requested) {
  Requests result(sets.size());
  std::vector<net::Address> left(requested.begin(), requested.end());
  for (std::size_t set = 0; set < sets.size(); ++set) {
    const auto found = std::find_if(
        left.begin(), left.end(), [&](const net::Address& address) { return sets[set].range_of(address) != nullptr; });
    if (found == left.end()) continue;
    result[set] = *found;
    left.erase(found);
  }
  if (left.empty()) return result;
  std::string text = "failed to allocate all requested IPs:";
  for (const net::Address& address : left) text += " " + address.text();
  throw std::runtime_error(text + "; allowed: one address of each range set: " + list(sets));
}

// The allocations of one call. The destructor releases them unless they were kept.
class Allocator {
 public:
  Allocator(Store& store, const Owner& owner) : store_(store), owner_(owner) {}
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;
  Allocator(Allocator&&) = delete;
  Allocator& operator=(Allocator&&) = delete;
  ~Allocator() {
    for (const net::Address& address : taken_) release(address);
  }

  Allocation take_requested(const RangeSet& set, const net::Address& address) {
    const Range& range = *set.range_of(address);
    if (address == range.gateway) throw std::runtime_error("requested ip " + address.text() + " is subnet's gateway");
    if (set.is_excluded(address)) throw unavailable(set, address, "ipam.exclude contains it");
    if (!reserve(address)) throw unavailable(set, address, taken_text(address));
    return {{address, range.subnet.length}, range.gateway};
  }

  Allocation take_next(const RangeSet& set, std::size_t index) {
    reject_duplicate(set);
    auto taken = try_next(set, index);
    if (!taken && !store_.is_exhausted(set)) taken = try_next(set, index);
    if (taken) return *taken;
    const std::array exhausted{&set};
    throw std::runtime_error(exhaustion_text(store_, exhausted));
  }

  // Called after all sets have an address. Only now the round robin advances: a failed call leaves it where it was.
  void keep() {
    for (std::size_t set = 0; set < taken_.size(); ++set) store_.set_last_reserved(set, taken_[set]);
    taken_.clear();
  }

 private:
  std::optional<Allocation> try_next(const RangeSet& set, std::size_t index) {
    Walk walk(set, store_.last_reserved(index));
    const auto next_free = [this](const net::Address& first, const net::Address& last) {
      return store_.next_free(first, last);
    };
    while (const auto candidate = walk.next(next_free)) {
      if (!reserve(candidate->address)) continue;
      return Allocation{{candidate->address, candidate->range->subnet.length}, candidate->range->gateway};
    }
    return std::nullopt;
  }

  static std::runtime_error unavailable(const RangeSet& set, const net::Address& address, const std::string& why) {
    return std::runtime_error("requested IP address " + address.text() + " is not available in range set " +
                              set.text() + ": " + why);
  }

  [[nodiscard]] std::string taken_text(const net::Address& address) const {
    try {
      const auto entry = store_.entry(address);
      const bool is_allocation = entry && entry->kind == Entry::Kind::allocation;
      return is_allocation ? "it belongs to " + owner_text(entry->owner) : "its file in the store names no container";
    } catch (const std::system_error& error) {
      return "its file in the store cannot be read: " + std::string(error.what());
    }
  }

  bool reserve(const net::Address& address) {
    if (!store_.reserve(address, owner_)) return false;
    taken_.push_back(address);
    return true;
  }

  void release(const net::Address& address) noexcept {
    try {
      store_.release(address);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the caller gets the first failure
    }
  }

  void reject_duplicate(const RangeSet& set) {
    // Read once for all sets, and not at all if every address is requested.
    if (!allocated_before_) allocated_before_ = store_.addresses_of(owner_);
    for (const net::Address& address : *allocated_before_) {
      if (set.range_of(address) == nullptr) continue;
      throw std::runtime_error(address.text() + " has been allocated to " + owner_.container_id +
                               ", duplicate allocation is not allowed");
    }
  }

  Store& store_;
  const Owner& owner_;
  std::vector<net::Address> taken_;  // by set
  std::optional<std::vector<net::Address>> allocated_before_;
};

}  // namespace

std::vector<Allocation> allocate(Store& store, std::span<const RangeSet> sets, std::span<const net::Address> requested,
                                 const Owner& owner) {
  const Requests requests = distribute(sets, requested);
  Allocator allocator(store, owner);
  std::vector<Allocation> result;
  std::size_t set = 0;
  try {
    for (; set < sets.size(); ++set) {
      result.push_back(requests[set] ? allocator.take_requested(sets[set], *requests[set])
                                     : allocator.take_next(sets[set], set));
    }
    allocator.keep();
  } catch (const std::system_error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error("failed to allocate for range " + std::to_string(set) + ": " + error.what());
  }
  return result;
}

}  // namespace ipam
