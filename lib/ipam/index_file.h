// SPDX-License-Identifier: Apache-2.0
// The file of an index (index.h): blocks of one size, each with a checksum.
//
// It is in memory, under /run. Only one process uses it at a time (flock(2)). Its content is expendable: on any error
// it throws IndexDamaged, and the caller continues without it.
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

// For short inputs. Each bit depends on all bytes.
std::uint64_t hash_of(std::span<const std::uint8_t> bytes);

class IndexFile {
 public:
  static constexpr std::size_t kBodySize = 536;  // bytes; the checksum precedes it
  using Body = std::array<std::uint64_t, kBodySize / sizeof(std::uint64_t)>;

  // The time limit for the file's lock. A process that has it also has the store's lock, for which we have waited
  // already, or removes orphaned indices, which takes microseconds. After that, reading the directory is faster.
  static constexpr std::chrono::milliseconds kTimeout{1000};

  // Opens or creates the file, creates its folder, and locks the file. nullopt if that fails, or if folder or file
  // have another owner, are writable by others, or are of another kind.
  static std::optional<IndexFile> open(const std::string& folder, const std::string& name);

  // An existing file for reading, if no process has it locked.
  static std::optional<IndexFile> peek(int folder, const std::string& name);

  // Was the file locked by another process when it was opened? That process may have changed the directory.
  [[nodiscard]] bool has_waited() const { return has_waited_; }

  [[nodiscard]] bool is_empty() const;

  // Does the file belong to us and not survive a reboot (tmpfs)? If it survived, a power failure could leave it half
  // written.
  [[nodiscard]] bool is_own_in_memory() const;

  // Block: a type of kBodySize bytes. Throws IndexDamaged.
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

  // Truncates the file. Throws IndexDamaged.
  void clear();

 private:
  explicit IndexFile(os::Fd file) : file_(std::move(file)) {}
  [[nodiscard]] Body read_body(std::size_t number) const;
  void write_body(std::size_t number, const Body& body);

  os::Fd file_;
  bool has_waited_ = false;
};

// A cached block of a file: read on access, written when another block is accessed, or by flush().
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
  std::size_t number_ = 0;  // 0, the header's number: none
  Block block_{};
  bool is_changed_ = false;
};

}  // namespace ipam
