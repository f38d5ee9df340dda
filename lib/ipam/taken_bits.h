// SPDX-License-Identifier: Apache-2.0
// The allocated addresses: one bit each, in the file of an index.
//
// A block has the bits of 4096 consecutive addresses and is found by the hash of their common prefix. Addresses
// without a block are free. Searching a range of 60,000 addresses reads at most 16 blocks.
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

// The first address of the 4096 that share a block with this one.
net::Address neighbourhood(const net::Address& address);

class TakenBits {
 public:
  // Uses the blocks first ... first + count - 1 of the file, which must outlive this object. used: the number of
  // blocks in use.
  TakenBits(IndexFile& file, std::size_t first, std::size_t count, std::size_t used)
      : block_(file), first_(first), count_(count), used_(used) {}

  // The first free address of first ... last, both included and of one family. All of these functions throw
  // IndexDamaged.
  [[nodiscard]] std::optional<net::Address> next_free(const net::Address& first, const net::Address& last);

  // take(): it must be free. release(): it must be taken.
  void take(const net::Address& address);
  void release(const net::Address& address);

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
