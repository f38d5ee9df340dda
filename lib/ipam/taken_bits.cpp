// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/taken_bits.h"

#include <algorithm>
#include <bit>

namespace ipam {
namespace {

constexpr unsigned kNeighbours = 4096;
constexpr unsigned kWord = 64;

// The position in its block: the lowest 12 bits.
unsigned offset_of(const net::Address& address) {
  const auto bytes = address.bytes();
  return (bytes[bytes.size() - 2] & 0x0fU) << 8U | bytes[bytes.size() - 1];
}

net::Address neighbour(const net::Address& address, unsigned offset) {
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t size = address.bytes().size();
  std::copy(address.bytes().begin(), address.bytes().end(), bytes.begin());
  bytes[size - 2] = static_cast<std::uint8_t>((bytes[size - 2] & 0xf0U) | offset >> 8U);
  bytes[size - 1] = static_cast<std::uint8_t>(offset);
  return net::Address::from_bytes({bytes.data(), size});
}

bool is_of(const BitBlock& block, const net::Address& neighbours) {
  return block.family == static_cast<std::uint32_t>(neighbours.family()) &&
         std::equal(neighbours.bytes().begin(), neighbours.bytes().end(), block.first.begin());
}

// The first free position from `offset` on; kNeighbours if there is none.
unsigned free_from(const BitBlock& block, unsigned offset) {
  std::uint64_t free = ~block.bits[offset / kWord] & ~std::uint64_t{0} << offset % kWord;
  for (unsigned word = offset / kWord;;) {
    if (free != 0) return word * kWord + static_cast<unsigned>(std::countr_zero(free));
    if (++word == block.bits.size()) return kNeighbours;
    free = ~block.bits[word];
  }
}

}  // namespace

net::Address neighbourhood(const net::Address& address) { return neighbour(address, 0); }

TakenBits::Found TakenBits::find(const net::Address& neighbours) {
  const std::size_t home = hash_of(neighbours.bytes()) % count_;
  for (std::size_t step = 0; step < count_; ++step) {
    const std::size_t number = first_ + (home + step) % count_;
    const BitBlock& block = block_.at(number);
    if (block.family == 0 || is_of(block, neighbours)) return {number, block.family != 0};
  }
  throw IndexDamaged("the table of addresses is full");
}

std::optional<net::Address> TakenBits::next_free(const net::Address& first, const net::Address& last) {
  for (net::Address from = first;; from = neighbour(from, kNeighbours - 1).next()) {
    const Found found = find(neighbourhood(from));
    if (!found.is_used) return from;
    const unsigned offset = free_from(block_.at(found.number), offset_of(from));
    if (offset < kNeighbours) {
      const net::Address free = neighbour(from, offset);
      return free <= last ? std::optional(free) : std::nullopt;
    }
    if (last <= neighbour(from, kNeighbours - 1)) return std::nullopt;
  }
}

void TakenBits::take(const net::Address& address) {
  const Found found = find(neighbourhood(address));
  BitBlock& block = block_.change(found.number);
  if (!found.is_used) {
    ++used_;
    block = BitBlock{{}, static_cast<std::uint32_t>(address.family()), 0, {}};
    const net::Address neighbours = neighbourhood(address);
    std::copy(neighbours.bytes().begin(), neighbours.bytes().end(), block.first.begin());
  }
  std::uint64_t& word = block.bits[offset_of(address) / kWord];
  const std::uint64_t bit = std::uint64_t{1} << offset_of(address) % kWord;
  if ((word & bit) != 0) throw IndexDamaged("an address is taken twice");
  word |= bit;
}

void TakenBits::release(const net::Address& address) {
  const Found found = find(neighbourhood(address));
  BitBlock& block = block_.change(found.number);
  std::uint64_t& word = block.bits[offset_of(address) / kWord];
  const std::uint64_t bit = std::uint64_t{1} << offset_of(address) % kWord;
  if (!found.is_used || (word & bit) == 0) throw IndexDamaged("an address is released that is not taken");
  word &= ~bit;
}

}  // namespace ipam
