// SPDX-License-Identifier: Apache-2.0
// A network's addresses in use, for allocation and release: store_view.h with the lock.
//
// The index (index.h) returns the addresses of a container and the next free address. Without an index, or if it is
// wrong, the directory is read. In both cases the files decide.
//
// Failed system calls are std::system_error.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/ipam/hint.h"
#include "lib/ipam/index.h"
#include "lib/ipam/range.h"
#include "lib/ipam/store_view.h"
#include "lib/net/attachments.h"
#include "lib/os/lock.h"

namespace ipam {

// The time limit for the store's lock. Our calls hold it for a millisecond; a call of the reference that reads 60,000
// files from a slow disk, for seconds. Dozens may be waiting. Runtimes limit a call to two to four minutes, some not
// at all.
constexpr std::chrono::seconds kStoreTimeout{30};

// Locked from construction to destruction.
class Store : public StoreView {
 public:
  // Creates missing parts of the directory and takes the lock. Throws ETIMEDOUT, with the owner's process in the text,
  // if the lock does not become free within `timeout`. index_folder: the folder of the index.
  static Store create(const std::string& data_dir, const std::string& network,
                      const std::string& index_folder = kIndexFolder,
                      std::chrono::milliseconds timeout = kStoreTimeout);

  // The same without creating a directory: nullopt if there is none.
  static std::optional<Store> open(const std::string& data_dir, const std::string& network,
                                   const std::string& index_folder = kIndexFolder,
                                   std::chrono::milliseconds timeout = kStoreTimeout);

  // Throws what create() and reserve() would throw if they cannot write. Changes nothing and does not wait.
  static void require_writable(const std::string& data_dir, const std::string& network);

  // Releases addresses allocated before the last reboot, once per boot, and calls `report` for each. From then on,
  // reserve() marks allocations with this boot. No clock is involved: a file is of an earlier boot if we marked it in
  // one. The first call that finds an unmarked file of the reference marks it, so it is released one boot later.
  //
  // Does nothing without user attributes, on a file system shared with other machines, or if the boot is "". boot
  // returns the current boot. It is not called if the index, which does not survive a reboot, shows that this has been
  // done.
  void reclaim(const std::function<std::string()>& boot, const std::function<void(const Entry&)>& report);

  // The owner's addresses, sorted: exact matches and the container's files of the old format. Skips unreadable files.
  [[nodiscard]] std::vector<net::Address> addresses_of(const Owner& owner);

  // The first free address of first ... last by the index; nullopt: none. Without an index, `first`.
  [[nodiscard]] std::optional<net::Address> next_free(const net::Address& first, const net::Address& last);

  // Confirms that a set has no free address. If the directory shows one, discards the wrong index and returns false:
  // search again.
  bool is_exhausted(const RangeSet& set);

  // Allocates the address. Returns false if it has an owner.
  bool reserve(const net::Address& address, const Owner& owner);

  // Releases an address of any owner. An absent file is no error.
  void release(const net::Address& address);

  // Releases an address if its file is still the same as when it was read; otherwise returns false.
  bool release_unchanged(const Entry& seen);

  // Releases the owner's addresses; if it has none, the container's files of the old format. Continues after failures
  // and throws the first one. Returns the released addresses.
  //
  // An unreadable file may belong to the owner. If the index says so, the call fails: the addresses are not free, and
  // a retry of the runtime may succeed. Otherwise it counts as foreign, with a warning: one bad block must not block
  // every DEL of the network.
  std::vector<net::Address> release_all(const Owner& owner);

  // The hint for the round robin of a set; nullopt if there is no readable one.
  [[nodiscard]] std::optional<net::Address> last_reserved(std::size_t set);
  void set_last_reserved(std::size_t set, const net::Address& address);

  // The next search reads the whole directory. For a call that has read it anyway.
  void discard_index();

 private:
  // The addresses of an owner, and those of its container in the old format.
  struct Held {
    std::vector<net::Address> exact;
    std::vector<net::Address> old;
    std::optional<Unreadable> unreadable;  // the first unreadable file that may belong to the owner
    bool is_certain = false;               // by the index
  };

  Store(const std::string& data_dir, const std::string& network, std::string index_folder,
        std::chrono::milliseconds timeout);
  Index* index();
  template <typename Question>
  bool query_index(const Question& question);
  template <typename Change>
  void update_index(const Change& change);
  Held find(const Owner& owner);
  std::optional<Held> find_in_index(const Owner& owner);
  static void require_readable(const Owner& owner, const Held& held);
  void release_as(const std::optional<IndexedFile>& filed, const net::Address& address);
  bool delete_if_empty(const std::string& name, const net::Address& address);
  bool create_file(const std::string& name, const net::Address& address, const Owner& owner);
  void reclaim_files(const std::string& boot, const std::function<void(const Entry&)>& report);
  void mark(const net::Address& address);

  std::string index_folder_;
  os::FileLock lock_;
  std::string boot_;                        // the mark of new allocations; "": none
  std::vector<std::optional<Hint>> hints_;  // by set; those that were read
  bool is_index_open_ = false;
  bool has_used_index_ = false;   // the index may have skipped a free address
  std::unique_ptr<Index> index_;  // the last member: its destructor writes under the lock
};

// Is the entry abandoned, given the living attachments? An old-format file lives while its container has any
// attachment. An empty file is abandoned. A foreign file never is.
bool is_abandoned(const Entry& entry, const net::Attachments& alive);

}  // namespace ipam
