// SPDX-License-Identifier: Apache-2.0
// What the files of a store's directory say, in a form that needs no reading of the directory: the addresses of a container,
// the next free address. Each costs the same with ten allocations and with sixty thousand.
//
// It is a hint. The files are the truth: the reference and operators change them and know nothing of an index. So the
// directory itself says whether an index describes it. After every change of ours the directory's modification time is set
// to a value of our own, some two seconds in the past with nanoseconds by lot, and the index remembers that and the change
// time (ctime) that the kernel then gives the directory. It is current while both are what it remembers. Why that is sure:
//
//   - Whoever makes, removes or renames a file sets both times of the directory, and to one value (every file system does, and
//     POSIX wants it). Ours differ from each other, so after such a change they are not ours any more, whatever the clock
//     says, however coarse its ticks are and however quickly one change follows the other.
//   - The modification time can be set back (tar, rsync, touch), the change time cannot.
//   - A change of ours first makes the directory differ from the index, by the change of the file; then comes the index, and at
//     the end the times and with them the index's first block. Whoever is killed in between leaves an index that is not
//     current. It is built again from the files: so is one that is absent, damaged (each block has a checksum) or of another
//     version.
//   - Each address that it names is looked at in its file; each that it calls free is created so that an existing file wins;
//     that it calls none free is counted in the directory. When a file says otherwise, the index is given up for that call.
//
// What nobody can see are a file that is written over in place, by hand, and one that is made without the lock in the very
// microseconds of a call. The one case that needs neither an operator nor luck, an empty file that is filled later, is
// looked at anew by every search. GC gives the index up, and so does any change of somebody else's: where neither comes, such
// a mistake lives until the boot.
//
// It is kept beside the store, not in it: /run/footbridge/ipam/<device>-<inode of the directory>. In the directory the
// reference would read it at each call, and beside it, in dataDir, it would be taken for a network; both are looked through by
// people's scripts. /run is in memory, so the index ends with the boot, no power failure leaves half of it, and disks are not
// written to. Where /run is not in memory or not to be written to, where the directory's file system is a network's or does
// not keep nanoseconds, there is no index, and the directory is read. An index whose directory has been removed goes when
// another one is made. It takes 33 to 100 bytes an allocation, 44 kB at least.
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

// Where indices live when nobody says otherwise.
constexpr const char* kIndexFolder = "/run/footbridge/ipam";

// A file that is named after an address, as an index has it.
struct Filed {
  net::Address address;
  OwnerKey key = kNobody;  // of an allocation's container
  bool is_taken = true;    // false: the file is empty
};

// nullopt when there is no such file.
std::optional<Filed> observe_filed(const StoreView& store, const net::Address& address);

// What a file of that content should be filed under.
OwnerKey key_of_content(std::string_view content);

// The caller has the store's lock for as long as it lives. Everything that is not noexcept throws IndexDamaged, and then the
// only thing left to do is distrust().
class Index {
 public:
  // nullptr when there can be none for this directory (open, and open for as long as the index lives).
  static std::unique_ptr<Index> open(const std::string& folder, int directory);

  // Brings the file up to date, when there were changes.
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  Index(Index&&) = delete;
  Index& operator=(Index&&) = delete;

  // Does it describe the directory? Before it is built nothing else may be asked. Changes of one's own are to be told at once.
  [[nodiscard]] bool is_current() const { return bits_.has_value(); }
  void build(const StoreView& store);

  // The files that may be of this container, and those that name none.
  [[nodiscard]] std::vector<Filed> find(std::string_view container_id);

  // The first free address of first ... last.
  [[nodiscard]] std::optional<net::Address> next_free(const net::Address& first, const net::Address& last);

  // The file is there now; it is gone now.
  void add(const Filed& file);
  void remove(const Filed& file);

  // What Store::reclaim() found out in this boot; nullopt when it has not been asked.
  [[nodiscard]] std::optional<std::string> boot() const;
  void set_boot(const std::string& boot);

  // Nobody is to believe it any more.
  void distrust() noexcept;

 private:
  // Both times of a directory, in nanoseconds' precision.
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
    std::uint32_t is_barred;  // the directory's file system does not keep the times that we set
    std::uint32_t knows_boot;
    std::array<char, 132> boot;
    std::array<char, 256> path;  // of the directory; "" when that is too long
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
  std::string new_in_;  // the folder, when this is the first index of the directory
  bool is_changed_ = false;
};

}  // namespace ipam
