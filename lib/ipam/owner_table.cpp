// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/owner_table.h"

#include <algorithm>

namespace ipam {
namespace {

OwnerRecord record_of(OwnerKey key, const net::Address& address) {
  OwnerRecord record{{}, static_cast<std::uint32_t>(address.family()), key};
  std::copy(address.bytes().begin(), address.bytes().end(), record.address.begin());
  return record;
}

net::Address address_of(const OwnerRecord& record) {
  const bool is_v4 = record.family == static_cast<std::uint32_t>(net::Family::v4);
  return net::Address::from_bytes({record.address.data(), is_v4 ? 4U : 16U});
}

bool is_same(const OwnerRecord& left, const OwnerRecord& right) {
  return left.key == right.key && left.family == right.family && left.address == right.address;
}

}  // namespace

OwnerKey key_of(std::string_view container_id) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(container_id.data());
  const auto key = static_cast<OwnerKey>(hash_of({bytes, container_id.size()}));
  return key == kNoContainer ? 1 : key;
}

std::size_t OwnerTable::home(OwnerKey key) const { return static_cast<std::uint64_t>(key) * count_ >> 32U; }

const OwnerBlock& OwnerTable::at(std::size_t number) {
  const OwnerBlock& block = block_.at(number);
  if (block.count > OwnerBlock::kMost) throw IndexDamaged("a block of owners is damaged");
  return block;
}

std::vector<net::Address> OwnerTable::find(OwnerKey key) {
  std::vector<net::Address> found;
  for (std::size_t step = 0; step < count_; ++step) {
    const OwnerBlock& block = at(place(home(key), step));
    for (std::size_t i = 0; i < block.count; ++i) {
      if (block.records[i].key == key) found.push_back(address_of(block.records[i]));
    }
    if (block.passed == 0) break;
  }
  return found;
}

void OwnerTable::insert(OwnerKey key, const net::Address& address) {
  for (std::size_t step = 0; step < count_; ++step) {
    const std::size_t number = place(home(key), step);
    if (at(number).count < OwnerBlock::kMost) {
      OwnerBlock& block = block_.change(number);
      block.records[block.count] = record_of(key, address);
      ++block.count;
      return;
    }
    ++block_.change(number).passed;
  }
  throw IndexDamaged("the table of owners is full");
}

void OwnerTable::erase(OwnerKey key, const net::Address& address) {
  const OwnerRecord record = record_of(key, address);
  for (std::size_t step = 0; step < count_; ++step) {
    const std::size_t number = place(home(key), step);
    const OwnerBlock& seen = at(number);
    const auto* const end = seen.records.begin() + seen.count;
    const auto* const found =
        std::find_if(seen.records.begin(), end, [&](const OwnerRecord& one) { return is_same(one, record); });
    if (found != end) {
      const auto index = static_cast<std::size_t>(found - seen.records.begin());
      OwnerBlock& block = block_.change(number);
      block.records[index] = block.records[block.count - 1];
      --block.count;
      return;
    }
    if (seen.passed == 0) break;
    --block_.change(number).passed;
  }
  throw IndexDamaged("an address is missing in the table of owners");
}

}  // namespace ipam
