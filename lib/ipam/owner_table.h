// SPDX-License-Identifier: Apache-2.0
// The addresses of each container, as a hash table in the file of an index.
//
// If a record's own block is full, the record goes into the next block with room. Each full block counts the records
// that passed it, so a search knows where to end. Callers must check the result in the address's file: two containers
// may have one key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/ipam/index_file.h"
#include "lib/net/address.h"

namespace ipam {

// The hash of a container id.
using OwnerKey = std::uint32_t;

constexpr OwnerKey kNobody = 0;  // for files without a container
OwnerKey key_of(std::string_view container_id);

struct OwnerRecord {
  std::array<std::uint8_t, 16> address;
  std::uint32_t family;
  OwnerKey key;
};

struct OwnerBlock {
  static constexpr std::size_t kMost = 22;
  std::uint32_t count;
  std::uint32_t passed;  // records that are stored behind this block
  std::array<OwnerRecord, kMost> records;
};

class OwnerTable {
 public:
  // Uses the blocks first ... first + count - 1 of the file, which must outlive the table.
  OwnerTable(IndexFile& file, std::size_t first, std::size_t count) : block_(file), first_(first), count_(count) {}

  [[nodiscard]] std::vector<net::Address> find(OwnerKey key);
  void insert(OwnerKey key, const net::Address& address);

  // The record must exist. All of these functions throw IndexDamaged.
  void erase(OwnerKey key, const net::Address& address);

  void flush() { block_.flush(); }

 private:
  [[nodiscard]] std::size_t home(OwnerKey key) const;
  [[nodiscard]] std::size_t place(std::size_t home, std::size_t step) const { return first_ + (home + step) % count_; }
  const OwnerBlock& at(std::size_t number);

  CachedBlock<OwnerBlock> block_;
  std::size_t first_;
  std::size_t count_;
};

}  // namespace ipam
