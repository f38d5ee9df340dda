// SPDX-License-Identifier: Apache-2.0
// A read-only view of the addresses in use, on disk, without the lock. Before a change that depends on it, read again
// with the lock (store.h).
//
// The layout is the reference's, byte for byte. Both implementations can use one directory at the same time, and a
// node can migrate in either direction while containers run.
//
//   <dataDir>/<network>/                    0755
//     lock                                  0750, empty; flock(2), exclusive, around every use
//     10.1.0.2, fd00::2                     0600; "<containerID>\r\n<ifname>" (reference before 0.8: "<containerID>")
//     last_reserved_ip.<index of the set>   0600; the address that the set allocated last
//
// In addition, the extended attribute user.footbridge.boot contains the boot in which an allocation was seen.
//
// Improvements over the reference: a file is created completely or not at all, and an empty file, which a power
// failure may have left, is a free address. Only regular files whose names are addresses in canonical form are
// allocations. Symbolic links are never followed: a link in an address's place is foreign and stays.
//
// The directory must be modifiable only by root and us (os/trusted_directory.h). A user who can write there could
// cause duplicate allocations, or writes to arbitrary files. In it, only regular files are opened.
//
// Failed system calls are std::system_error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "lib/net/address.h"
#include "lib/os/fd.h"

namespace ipam {

// The default of dataDir.
constexpr std::string_view kDataDir = "/var/lib/cni/networks";

// The owner of an address: an interface of a container. Neither part contains white space.
struct Owner {
  std::string container_id;
  std::string ifname;                      // empty in a file of the old format
  [[nodiscard]] std::string text() const;  // "c9/eth0", "c9" in the old format, "unknown owner"
  friend bool operator==(const Owner&, const Owner&) = default;
};

// A file that cannot be read for its own reasons: a bad block, a damaged file system, missing permission.
class Unreadable : public std::system_error {
 public:
  Unreadable(int code, const net::Address& address);
  [[nodiscard]] const net::Address& address() const { return address_; }

 private:
  net::Address address_;
};

// A file whose name is an address.
struct Entry {
  enum class Kind : std::uint8_t {
    allocation,
    empty,    // a free address
    foreign,  // not host-local's: a link, a directory, unreadable, other content; the address is not free
  };
  net::Address address;
  Kind kind = Kind::allocation;
  Owner owner;            // of an allocation
  std::time_t since = 0;  // when the file was written
  std::string boot;       // the boot in which we created or first saw it; "": unknown
  int unreadable = 0;     // the errno if a foreign file cannot be read

  // current: the current boot; "": unknown.
  [[nodiscard]] bool is_of_earlier_boot(const std::string& current) const {
    return kind == Kind::allocation && !boot.empty() && !current.empty() && boot != current;
  }
  friend bool operator==(const Entry&, const Entry&) = default;
};

// Does the error mean that the directory does not exist? Another kind of file in its place is a different error: its
// addresses may still be in use.
bool is_absent(const std::system_error& error);

class StoreView {
 public:
  // nullopt if the network has no directory.
  static std::optional<StoreView> open(const std::string& data_dir, const std::string& network);

  // The path of a network's directory.
  static std::string directory(const std::string& data_dir, const std::string& network);

  // All files named after addresses, sorted. Reads each file once.
  [[nodiscard]] std::vector<Entry> entries() const;

  // The same, one by one: the entries of a large store need much memory.
  void for_each(const std::function<void(const Entry&)>& use) const;

  // Only the names: reads the directory and no file.
  [[nodiscard]] std::vector<net::Address> names() const;

  // The current entry of an address; nullopt if there is no file.
  [[nodiscard]] std::optional<Entry> entry(const net::Address& address) const;

  // The file's content without surrounding white space. "" if it is absent, not a regular file or too long, so no
  // host-local wrote it. Throws Unreadable for a file that cannot be read: it may have any owner.
  [[nodiscard]] std::string content(const net::Address& address) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& network() const { return network_; }

  // The arguments of `footbridge ipam` for this store: "n", or "n --dir DIR" if it is not in kDataDir.
  [[nodiscard]] std::string options() const;

 protected:
  StoreView(const std::string& data_dir, const std::string& network);
  // The names in no order, without a list.
  void for_each_name(const std::function<void(const net::Address&)>& use) const;
  [[nodiscard]] int fd() const { return directory_.get(); }

 private:
  [[nodiscard]] std::string read_content(const net::Address& address) const;

  std::string data_dir_;
  std::string network_;
  std::string path_;
  os::Fd directory_;
};

}  // namespace ipam
