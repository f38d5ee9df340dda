// One network's addresses in use, to take and to give back: store_view.h with the lock.
//
// Failures of system calls are std::system_error.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/ipam/store_view.h"
#include "lib/net/attachments.h"
#include "lib/os/lock.h"

namespace ipam {

// Locked from construction to destruction.
class Store : public StoreView {
 public:
  // Creates what is missing of the directory, and waits for the lock.
  static Store create(const std::string& data_dir, const std::string& network);

  // The same without creating a directory: nullopt when there is none.
  static std::optional<Store> open(const std::string& data_dir, const std::string& network);

  // Could create() and reserve() write? Throws what would keep them from it; changes nothing and does not wait.
  static void require_writable(const std::string& data_dir, const std::string& network);

  // Gives back what is left of earlier boots, once in a boot, and tells it; from then on, what is reserved is marked as
  // of this boot. No clock is asked: a file is of an earlier boot when we marked it in one. Those that the reference
  // made are marked by the first call of ours that finds them, so they are given back one boot later at the most.
  // Without user attributes, on a file system that is shared with other machines, and for "": nothing is done.
  std::vector<Entry> reclaim(const std::string& boot);

  // Takes the address; false when somebody has it.
  bool reserve(const net::Address& address, const Holder& holder);

  // Gives one address back, whoever has it. An absent one is given back already.
  void release(const net::Address& address);

  // Gives an address back if its file is still what it was when it was looked at; false when it is not.
  bool release_unchanged(const Entry& seen);

  // Gives back what the holder has; when that is nothing, the container's files of the old format. Goes on past failures
  // and throws the first of them. Returns what was given back.
  std::vector<net::Address> release_all(const Holder& holder);

  void set_last_reserved(std::size_t set, const net::Address& address);

 private:
  Store(const std::string& data_dir, const std::string& network);
  void mark(const net::Address& address);

  os::FileLock lock_;
  std::string boot_;  // what to mark a reserved address with; "": nothing
};

// Is that left over, when these are the attachments that live? An old-format file lives as long as its container has any;
// an empty file is nobody's; what is foreign is none of our business.
bool is_abandoned(const Entry& entry, const net::Attachments& alive);

}  // namespace ipam
