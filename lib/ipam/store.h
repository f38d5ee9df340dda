// The addresses in use, on disk: the reference's layout, byte for byte, so that both implementations may work on one
// directory at the same time and a node can change over, either way, with its containers running.
//
//   <dataDir>/<network>/                    0755
//     lock                                  0750, empty; flock(2), exclusive, around every use
//     10.1.0.2, fd00::2                     0600; "<containerID>\r\n<ifname>" (before 0.8 of the reference: "<containerID>")
//     last_reserved_ip.<index of the set>   0600; the address that the set handed out most recently
//
// What is better than in the reference: a file is there whole or not at all, and an empty one, which a power failure may
// have left, is a free address. Nothing but regular files whose names are addresses in canonical text is taken for an
// allocation, and no symbolic link is ever followed: a link in place of an address is somebody else's and stays as it is.
//
// Failures of system calls are std::system_error.
#pragma once

#include <cstddef>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/os/fd.h"
#include "lib/os/lock.h"

namespace ipam {

// Who has an address: a container's interface. Neither may hold white space.
struct Holder {
  std::string container_id;
  std::string ifname;  // empty in a file of the old format
  friend bool operator==(const Holder&, const Holder&) = default;
};

struct Taken {
  net::Address address;
  Holder holder;          // empty when the file says nothing that can be read
  std::time_t since = 0;  // when the file was written
};

// One network's directory, locked from construction to destruction.
class Store {
 public:
  // Creates what is missing of the directory, and waits for the lock.
  static Store create(const std::string& data_dir, const std::string& network);

  // The same without creating a directory: nullopt when there is none.
  static std::optional<Store> open(const std::string& data_dir, const std::string& network);

  // The path of a network's directory.
  static std::string directory(const std::string& data_dir, const std::string& network);

  // Takes the address; false when somebody has it.
  bool reserve(const net::Address& address, const Holder& holder);

  // Gives one address back, whoever has it. An absent one is given back already.
  void release(const net::Address& address);

  // Gives back what the holder has; when that is nothing, the container's files of the old format. Goes on past failures
  // and throws the first of them.
  void release_all(const Holder& holder);

  // What the holder has, in order: exact matches and the container's files of the old format. Reads every file once.
  [[nodiscard]] std::vector<net::Address> held_by(const Holder& holder) const;

  // Everything that is taken, in no order. Reads every file once.
  [[nodiscard]] std::vector<Taken> taken() const;

  // The hint for the round robin of a set; nullopt when there is none that can be read.
  [[nodiscard]] std::optional<net::Address> last_reserved(std::size_t set) const;
  void set_last_reserved(std::size_t set, const net::Address& address);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Store(std::string path, os::Fd directory);

  void for_each_allocation(const std::function<void(const net::Address&, const std::string& content)>& use) const;

  std::string path_;
  os::Fd directory_;
  os::FileLock lock_;
};

}  // namespace ipam
