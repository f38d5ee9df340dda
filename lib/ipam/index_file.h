// SPDX-License-Identifier: Apache-2.0
// The file that an index (index.h) is kept in: blocks of one size, each with a checksum.
//
// It lives in memory, under /run, and one process at a time has it (flock(2)). Nothing in it is worth anything: whoever
// meets something wrong in it throws IndexDamaged and goes on without.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "lib/os/fd.h"

namespace ipam {

class IndexDamaged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Of a few bytes; each bit depends on all of them.
std::uint64_t hash_of(std::span<const std::uint8_t> bytes);

class IndexFile {
 public:
  static constexpr std::size_t kBodySize = 536;  // bytes; a block has its checksum in front
  using Body = std::array<std::uint64_t, kBodySize / sizeof(std::uint64_t)>;

  // How long another process may have it. Whoever does has the store's lock, for which we have waited already, or looks for
  // indices to remove, which takes microseconds; more is not worth waiting for, since the directory can be read instead.
  static constexpr std::chrono::milliseconds kPatience{1000};

  // Opens or creates the file, creates its folder, and waits until nobody else has it. nullopt when that is not to be had, and
  // when folder or file are not our own, could be written to by others, or are something else.
  static std::optional<IndexFile> open(const std::string& folder, const std::string& name);

  // An existing one to look at, if nobody has it.
  static std::optional<IndexFile> peek(int folder, const std::string& name);

  // Had somebody else it when it was opened? He may have changed what it is about meanwhile.
  [[nodiscard]] bool has_waited() const { return has_waited_; }

  [[nodiscard]] bool is_empty() const;

  // Is it a file of our own that dies with this boot (tmpfs)? Where it could outlive it, a power failure could leave half of
  // what was written.
  [[nodiscard]] bool is_ours_in_memory() const;

  // A block is one of the types below, all of them of kBodySize. Throws IndexDamaged.
  template <typename Block>
  [[nodiscard]] Block read(std::size_t number) const {
    static_assert(sizeof(Block) == kBodySize && std::is_trivially_copyable_v<Block>);
    return std::bit_cast<Block>(read_body(number));
  }
  template <typename Block>
  void write(std::size_t number, const Block& block) {
    static_assert(sizeof(Block) == kBodySize && std::is_trivially_copyable_v<Block>);
    write_body(number, std::bit_cast<Body>(block));
  }

  // Makes the file empty. Throws IndexDamaged.
  void clear();

 private:
  explicit IndexFile(os::Fd file) : file_(std::move(file)) {}
  [[nodiscard]] Body read_body(std::size_t number) const;
  void write_body(std::size_t number, const Body& body);

  os::Fd file_;
  bool has_waited_ = false;
};

// One block of a file that is being worked on: read when it is asked for, written when another one is or by flush().
template <typename Block>
class CachedBlock {
 public:
  explicit CachedBlock(IndexFile& file) : file_(&file) {}

  const Block& at(std::size_t number) {
    if (number_ == number) return block_;
    flush();
    number_ = 0;
    block_ = file_->read<Block>(number);
    number_ = number;
    return block_;
  }

  Block& change(std::size_t number) {
    at(number);
    is_changed_ = true;
    return block_;
  }

  void flush() {
    if (is_changed_) file_->write(number_, block_);
    is_changed_ = false;
  }

 private:
  IndexFile* file_;
  std::size_t number_ = 0;  // 0, which is the header's: none
  Block block_{};
  bool is_changed_ = false;
};

}  // namespace ipam
