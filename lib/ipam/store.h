// SPDX-License-Identifier: Apache-2.0
// One network's addresses in use, to take and to give back: store_view.h with the lock.
//
// What a container has and which address is the next free one is asked of the index (index.h); without one, or when it is
// found to be wrong, the directory is read. Either way the answer is what the files say.
//
// Failures of system calls are std::system_error.
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

// How long a store's lock is waited for. A call of ours has it for a millisecond, one of the reference's that reads 60,000 files
// from a slow disk for seconds; and there may be dozens before us. Runtimes give a call two to four minutes, and some none.
constexpr std::chrono::seconds kStoreTimeout{30};

// Locked from construction to destruction.
class Store : public StoreView {
 public:
  // Creates what is missing of the directory, and waits for the lock: ETIMEDOUT, with the holder's process in the text, when
  // that is not free within `patience`. index_folder: where the index is kept.
  static Store create(const std::string& data_dir, const std::string& network,
                      const std::string& index_folder = kIndexFolder,
                      std::chrono::milliseconds patience = kStoreTimeout);

  // The same without creating a directory: nullopt when there is none.
  static std::optional<Store> open(const std::string& data_dir, const std::string& network,
                                   const std::string& index_folder = kIndexFolder,
                                   std::chrono::milliseconds patience = kStoreTimeout);

  // Could create() and reserve() write? Throws what would keep them from it; changes nothing and does not wait.
  static void require_writable(const std::string& data_dir, const std::string& network);

  // Gives back what is left of earlier boots, once in a boot, and tells each; from then on, what is reserved is marked as
  // of this boot. No clock is asked: a file is of an earlier boot when we marked it in one. Those that the reference
  // made are marked by the first call of ours that finds them, so they are given back one boot later at the most.
  // Without user attributes, on a file system that is shared with other machines, and for "": nothing is done.
  // boot says which boot this is. It is not asked when the index, which does not outlive a boot, says that this was done.
  void reclaim(const std::function<std::string()>& boot, const std::function<void(const Entry&)>& tell);

  // What the holder has, in order: exact matches and the container's files of the old format. Files that cannot be read are
  // passed over.
  [[nodiscard]] std::vector<net::Address> held_by(const Holder& holder);

  // The first address of first ... last that is free, as far as the index knows; without one, the first. nullopt: none.
  [[nodiscard]] std::optional<net::Address> next_free(const net::Address& first, const net::Address& last);

  // Nothing free was found in the set. False when the directory says otherwise: then the index, which is wrong, is
  // given up, and it has to be searched once more.
  bool is_exhausted(const RangeSet& set);

  // Takes the address; false when somebody has it.
  bool reserve(const net::Address& address, const Holder& holder);

  // Gives one address back, whoever has it. An absent one is given back already.
  void release(const net::Address& address);

  // Gives an address back if its file is still what it was when it was looked at; false when it is not.
  bool release_unchanged(const Entry& seen);

  // Gives back what the holder has; when that is nothing, the container's files of the old format. Goes on past failures
  // and throws the first of them. Returns what was given back.
  //
  // A file that cannot be read (Unreadable) may be the holder's. When the index knows it for his, that is the failure: to say that
  // his addresses are free would be a lie, and the disk may be well again when the runtime asks again. Otherwise it is taken for
  // somebody else's, with a warning in the log: one bad block must not keep every container of the network from going.
  std::vector<net::Address> release_all(const Holder& holder);

  // The hint for the round robin of a set; nullopt when there is none that can be read.
  [[nodiscard]] std::optional<net::Address> last_reserved(std::size_t set);
  void set_last_reserved(std::size_t set, const net::Address& address);

  // The next one to look for something reads the whole directory: after a call that has done so itself.
  void forget_index();

 private:
  // What a holder has, or what its container has in the old format.
  struct Held {
    std::vector<net::Address> exact;
    std::vector<net::Address> old;
    std::optional<Unreadable> unreadable;  // the first of the files that may be his
    bool is_surely_his = false;            // that file, as the index has it
  };

  Store(const std::string& data_dir, const std::string& network, std::string index_folder,
        std::chrono::milliseconds patience);
  Index* index();
  template <typename Question>
  bool ask_index(const Question& question);
  template <typename Change>
  void tell_index(const Change& change);
  Held find(const Holder& holder);
  std::optional<Held> find_in_index(const Holder& holder);
  static void require_readable(const Holder& holder, const Held& held);
  void release_as(const std::optional<Filed>& filed, const net::Address& address);
  bool make_way(const std::string& name, const net::Address& address);
  bool create_file(const std::string& name, const net::Address& address, const Holder& holder);
  void reclaim_files(const std::string& boot, const std::function<void(const Entry&)>& tell);
  void mark(const net::Address& address);

  std::string index_folder_;
  os::FileLock lock_;
  std::string boot_;                        // what to mark a reserved address with; "": nothing
  std::vector<std::optional<Hint>> hints_;  // by set: those that were read, for writing them
  bool is_index_open_ = false;
  bool has_asked_for_free_ = false;  // the index may have passed over something
  std::unique_ptr<Index> index_;     // the last one: what it has to write, it writes under the lock
};

// Is that left over, when these are the attachments that live? An old-format file lives as long as its container has any;
// an empty file is nobody's; what is foreign is none of our business.
bool is_abandoned(const Entry& entry, const net::Attachments& alive);

}  // namespace ipam
