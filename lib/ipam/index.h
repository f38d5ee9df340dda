// SPDX-License-Identifier: Apache-2.0
// An index of a store's directory: finds a container's addresses and the next free address without reading the
// directory, at the same cost with ten allocations as with sixty thousand.
//
// It is a hint; the files are authoritative: the reference and operators change them and know no index. The directory
// itself shows whether the index is current. After each of our changes, the directory's modification time is set to a
// value of our own: about two seconds in the past, with random nanoseconds. The index stores it together with the
// change time (ctime) that the kernel then sets. The index is current if both times match. Why that is safe:
//
//   - Creating, deleting or renaming a file sets both times of the directory to the same value (all file systems do
//     that; POSIX requires it). Our two times differ. So after a foreign change they never match, even if the clock is
//     wrong or coarse, or changes follow each other quickly.
//   - The modification time can be set back (tar, rsync, touch), the change time cannot.
//   - Our own change first changes a file, and with it the directory, then the index, then the times together with the
//     header of the index. A process that is killed in between leaves an index that is not current. It is rebuilt from
//     the files, as is one that is absent, damaged (each block has a checksum) or of another version.
//   - Each address that the index returns is checked in its file. A free address is allocated by creating a file that
//     must not exist yet. Before a set counts as exhausted, the directory is counted. If a file contradicts the index,
//     this call discards it.
//
// Two changes stay unnoticed: a file that is overwritten in place, by hand, and a file that is created without the
// lock within the microseconds of a call. The one common case, an empty file that is filled later, is checked by every
// search. GC and any foreign change discard the index; without them, such an error lasts until the next boot.
//
// The index is not in the store but in /run/footbridge/ipam/<device>-<inode of the directory>. In the directory, the
// reference would read it at each call; beside it, in dataDir, it would look like a network; and scripts read both
// places. /run is in memory: the index ends with the boot, no power failure leaves half of it, and no disk is written.
// There is no index, and the directory is read, if /run is not in memory or not writable, or if the directory's file
// system is a network file system or has no nanoseconds. The index of a deleted directory is deleted when another one
// is created. It takes 33 to 100 bytes per allocation, at least 44 kB.
#pragma once

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/ipam/index_file.h"
#include "lib/ipam/owner_table.h"
#include "lib/ipam/store_view.h"
#include "lib/ipam/taken_bits.h"
#include "lib/net/address.h"

namespace ipam {

// The default folder of indices.
constexpr const char* kIndexFolder = "/run/footbridge/ipam";

// A file named after an address, as the index has it.
struct Filed {
  net::Address address;
  OwnerKey key = kNobody;  // the container of an allocation
  bool is_taken = true;    // false: the file is empty
};

// nullopt if there is no such file.
std::optional<Filed> observe_filed(const StoreView& store, const net::Address& address);

// The key for a file of that content.
OwnerKey key_of_content(std::string_view content);

// The caller has the store's lock while the index lives. Functions that are not noexcept throw IndexDamaged. After
// that, only invalidate() may be called.
class Index {
 public:
  // nullptr if this directory can have no index. The directory must be open, and stay open while the index lives.
  static std::unique_ptr<Index> open(const std::string& folder, int directory);

  // Writes the changes to the file.
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  Index(Index&&) = delete;
  Index& operator=(Index&&) = delete;

  // Does it match the directory? If not, call build() first. Own changes of the directory must be reported by add()
  // and remove() at once.
  [[nodiscard]] bool is_current() const { return bits_.has_value(); }
  void build(const StoreView& store);

  // The files that may belong to this container, and those without a container.
  [[nodiscard]] std::vector<Filed> find(std::string_view container_id);

  // The first free address of first ... last.
  [[nodiscard]] std::optional<net::Address> next_free(const net::Address& first, const net::Address& last);

  // The file was created. It was deleted.
  void add(const Filed& file);
  void remove(const Filed& file);

  // What Store::reclaim() found in this boot; nullopt if it has not run.
  [[nodiscard]] std::optional<std::string> boot() const;
  void set_boot(const std::string& boot);

  // Marks the index as not current.
  void distrust() noexcept;

 private:
  // A directory's times, in nanoseconds.
  struct Times {
    std::int64_t modified_s;
    std::int64_t modified_ns;
    std::int64_t changed_s;
    std::int64_t changed_ns;
    friend bool operator==(const Times&, const Times&) = default;
  };

  struct Directory {
    std::uint64_t device;
    std::uint64_t inode;
    Times times;
    friend bool operator==(const Directory&, const Directory&) = default;
  };

  // The first block.
  struct Header {
    std::array<char, 8> magic;
    Directory directory;
    std::uint32_t owner_blocks;
    std::uint32_t bit_blocks;
    std::uint32_t bit_blocks_used;
    std::uint32_t files;
    std::uint32_t nobodies;   // files without a container
    std::uint32_t is_barred;  // the directory's file system does not keep our times
    std::uint32_t knows_boot;
    std::array<char, 132> boot;
    std::array<char, 256> path;  // of the directory; "" if it is too long
    std::array<char, 64> unused;
  };

  Index(IndexFile file, int directory) : file_(std::move(file)), directory_(directory) {}
  static Directory observe(int directory);
  static bool has_directory(const Header& header);
  static void remove_orphans(const std::string& folder);
  bool load(const Directory& now);
  void open_tables();
  void write_empty_tables(const std::vector<net::Address>& names, const std::string& path);
  void commit();
  void bar();
  [[nodiscard]] bool has_room() const;

  IndexFile file_;
  int directory_;
  Header header_{};
  std::optional<OwnerTable> owners_;
  std::optional<TakenBits> bits_;
  std::string new_in_;  // the folder, if this is the directory's first index
  bool is_changed_ = false;
};

}  // namespace ipam
