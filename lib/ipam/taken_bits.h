// SPDX-License-Identifier: Apache-2.0
// Which addresses are taken: a bit for each, in an index's file.
//
// A block has the bits of 4096 neighbours, and is found by hashing what they have in common; where there is no block, all
// are free. A range of 60,000 addresses is searched by reading 16 blocks at the most.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/ipam/index_file.h"
#include "lib/net/address.h"

namespace ipam {

struct BitBlock {
  std::array<std::uint8_t, 16> first;  // the first of its addresses
  std::uint32_t family;                // 0: the block is not used
  std::uint32_t unused;
  std::array<std::uint64_t, 64> bits;
};

// The first of the 4096 neighbours that an address is one of.
net::Address neighbourhood(const net::Address& address);

class TakenBits {
 public:
  // In the blocks first ... first + count - 1 of the file, which must outlive it. used: how many of them are in use.
  TakenBits(IndexFile& file, std::size_t first, std::size_t count, std::size_t used)
      : block_(file), first_(first), count_(count), used_(used) {}

  // The first free address of first ... last, both included and of one family. All of these throw IndexDamaged.
  [[nodiscard]] std::optional<net::Address> next_free(const net::Address& first, const net::Address& last);

  // It must not be taken yet; it must be taken.
  void take(const net::Address& address);
  void give_back(const net::Address& address);

  [[nodiscard]] std::size_t used() const { return used_; }
  void flush() { block_.flush(); }

 private:
  struct Found {
    std::size_t number = 0;
    bool is_used = false;
  };
  Found find(const net::Address& neighbours);

  CachedBlock<BitBlock> block_;
  std::size_t first_;
  std::size_t count_;
  std::size_t used_;
};

}  // namespace ipam
