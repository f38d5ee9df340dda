// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/exhaustion.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "lib/ipam/walk.h"

namespace ipam {
namespace {

// taken: sorted.
bool has_room(const RangeSet& set, const std::vector<net::Address>& taken) {
  Walk walk(set, std::nullopt);
  while (const auto candidate = walk.next()) {
    if (!std::binary_search(taken.begin(), taken.end(), candidate->address)) return true;
  }
  return false;
}

std::vector<net::Address> taken_in(const StoreView& store, const std::string& boot) {
  std::vector<net::Address> result;
  store.for_each([&](const Entry& entry) {
    if (entry.kind != Entry::Kind::empty && !entry.is_of_earlier_boot(boot)) result.push_back(entry.address);
  });
  return result;
}

struct Takings {
  std::uint64_t count = 0;
  std::optional<Entry> oldest;
};

void add(Takings& takings, const Entry& entry) {
  ++takings.count;
  const auto& oldest = takings.oldest;
  if (!oldest || std::pair(entry.since, entry.address) < std::pair(oldest->since, oldest->address)) {
    takings.oldest = entry;
  }
}

std::string text_of(const RangeSet& set, const Takings& takings) {
  std::string begin = "no IP addresses available in range set: " + set.text();
  if (set.size() == 0) return begin + ": its only address is the gateway's";
  if (!takings.oldest) return begin;
  const Entry& oldest = *takings.oldest;
  return begin + ": " + std::to_string(takings.count) + " of " + std::to_string(set.size()) +
         (takings.count == 1 ? " is allocated" : " are allocated") + ", the oldest, " + oldest.address.text() +
         ", since " + text(oldest.since) + " by " + owner_text(oldest.holder);
}

}  // namespace

std::vector<const RangeSet*> find_exhausted(const StoreView& store, std::span<const RangeSet> sets,
                                            const std::string& boot) {
  const std::vector<net::Address> names = store.names();
  std::vector<const RangeSet*> result;
  for (const RangeSet& set : sets) {
    if (!has_room(set, names)) result.push_back(&set);
  }
  if (result.empty()) return result;
  const std::vector<net::Address> taken = taken_in(store, boot);
  std::erase_if(result, [&](const RangeSet* set) { return has_room(*set, taken); });
  return result;
}

std::string exhaustion_text(const StoreView& store, std::span<const RangeSet* const> sets) {
  std::vector<Takings> takings(sets.size());
  store.for_each([&](const Entry& entry) {
    if (entry.kind == Entry::Kind::empty) return;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      if (sets[i]->offers(entry.address)) add(takings[i], entry);
    }
  });
  std::string text;
  for (std::size_t i = 0; i < sets.size(); ++i) text += (text.empty() ? "" : "; ") + text_of(*sets[i], takings[i]);
  const bool is_only_gateways =
      std::all_of(sets.begin(), sets.end(), [](const RangeSet* set) { return set->size() == 0; });
  if (is_only_gateways) return text;
  return text + "; `footbridge ipam ls " + store.options() + "` lists them, `footbridge ipam gc " + store.options() +
         "` releases those whose container is gone";
}

std::string owner_text(const Holder& holder) {
  if (holder.container_id.empty()) return holder.text();
  return "container " + holder.container_id + (holder.ifname.empty() ? "" : " (" + holder.ifname + ")");
}

std::string text(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> buffer{};
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace ipam
