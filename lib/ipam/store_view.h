// SPDX-License-Identifier: Apache-2.0
// The addresses in use, on disk, to look at: without the lock, and without changing anything. Who decides something by what
// he saw looks again with the lock (store.h).
//
// The reference's layout is kept, byte for byte, so that both implementations may work on one directory at the same time
// and a node can change over, either way, with its containers running.
//
//   <dataDir>/<network>/                    0755
//     lock                                  0750, empty; flock(2), exclusive, around every use
//     10.1.0.2, fd00::2                     0600; "<containerID>\r\n<ifname>" (before 0.8 of the reference: "<containerID>")
//     last_reserved_ip.<index of the set>   0600; the address that the set handed out most recently
//
// Beside that there is the extended attribute user.footbridge.boot, which says in which boot an allocation was seen.
//
// What is better than in the reference: a file is there whole or not at all, and an empty one, which a power failure may
// have left, is a free address. Nothing but regular files whose names are addresses in canonical text is taken for an
// allocation, and no symbolic link in it is ever followed: a link in place of an address is somebody else's and stays as it is.
//
// The directory must be one that nobody but root and we can change (os/trusted_directory.h): who could write there could have us
// hand out addresses twice, or write to files of his choice. In it, whatever is no regular file is not opened.
//
// Failures of system calls are std::system_error.
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

// Where networks have their directories when the configuration does not say (dataDir).
constexpr std::string_view kDataDir = "/var/lib/cni/networks";

// Who has an address: a container's interface. Neither may hold white space.
struct Holder {
  std::string container_id;
  std::string ifname;                      // empty in a file of the old format
  [[nodiscard]] std::string text() const;  // "c9/eth0", "c9" in the old format, "somebody unknown"
  friend bool operator==(const Holder&, const Holder&) = default;
};

// The failure of reading one file, by the file's own fault: a bad block, a damaged file system, no permission.
class Unreadable : public std::system_error {
 public:
  Unreadable(int code, const net::Address& address);
  [[nodiscard]] const net::Address& address() const { return address_; }

 private:
  net::Address address_;
};

// A file that is named after an address.
struct Entry {
  enum class Kind : std::uint8_t {
    allocation,
    empty,    // a free address
    foreign,  // nothing of a host-local's: a link, a directory, unreadable, or with another content; the address is taken
  };
  net::Address address;
  Kind kind = Kind::allocation;
  Holder holder;          // of an allocation
  std::time_t since = 0;  // when the file was written
  std::string boot;       // in which boot it was made or first seen by us; "" when that is not known
  int unreadable = 0;     // of what is foreign: the errno that keeps everybody from knowing whose it is

  // boot: the current one; "" when it is not known.
  [[nodiscard]] bool is_of_earlier_boot(const std::string& current) const {
    return kind == Kind::allocation && !boot.empty() && !current.empty() && boot != current;
  }
  friend bool operator==(const Entry&, const Entry&) = default;
};

// Is that the failure to open a directory that is not there? (What is there and no directory is another error: somebody has put
// it in the place of addresses that are still in use.)
bool is_absent(const std::system_error& error);

class StoreView {
 public:
  // nullopt when the network has no directory.
  static std::optional<StoreView> open(const std::string& data_dir, const std::string& network);

  // The path of a network's directory.
  static std::string directory(const std::string& data_dir, const std::string& network);

  // Everything that is named after an address, in order of addresses. Reads every file once.
  [[nodiscard]] std::vector<Entry> entries() const;

  // The same, one by one: a large store's entries are no small thing to hold.
  void for_each(const std::function<void(const Entry&)>& use) const;

  // The names alone: reads the directory and no file.
  [[nodiscard]] std::vector<net::Address> names() const;

  // One of them as it is now; nullopt when it is gone.
  [[nodiscard]] std::optional<Entry> entry(const net::Address& address) const;

  // The file's content without the white space around it; "" when it is absent, no regular file, or too long: nothing that a
  // host-local wrote. Throws Unreadable for a file that may be anybody's, since it cannot be read.
  [[nodiscard]] std::string content(const net::Address& address) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& network() const { return network_; }

  // The options of `footbridge ipam` that lead to this store: "n", or "n --dir DIR" when it is not in kDataDir.
  [[nodiscard]] std::string options() const;

 protected:
  StoreView(const std::string& data_dir, const std::string& network);
  // The names in no order, without a list of them.
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
