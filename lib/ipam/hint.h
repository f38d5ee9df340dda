// SPDX-License-Identifier: Apache-2.0
// The address that a set allocated last: its round robin continues there. The reference writes it too, so it is read
// from its file at every call. It is a hint: a wrong one changes only the order of addresses.
#pragma once

#include <cstddef>
#include <optional>

#include "lib/net/address.h"
#include "lib/os/fd.h"

namespace ipam {

class Hint {
 public:
  // Reads the file of a set. The store's directory must stay open. A file that is not regular is not opened.
  Hint(int directory, std::size_t set);

  // nullopt if there is no readable hint.
  [[nodiscard]] const std::optional<net::Address>& address() const { return address_; }

  // Overwrites the file without O_TRUNC: ext4 flushes a truncated file on close(2). Creates the file if it is absent.
  // A file with a second hard link (a backup) is replaced, so the other name keeps its content. Throws
  // std::system_error.
  void write(const net::Address& address);

 private:
  void read();

  int directory_;
  std::size_t set_;
  bool has_second_link_ = false;
  os::Fd file_;
  std::size_t size_ = 0;  // of the file, as far as it was read
  std::optional<net::Address> address_;
};

}  // namespace ipam
