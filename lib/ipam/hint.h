// SPDX-License-Identifier: Apache-2.0
// The address that a set handed out most recently: where its round robin goes on. The reference writes it too, so it is read
// from its file each time. It is only a hint: a wrong one changes the order of addresses and nothing else.
#pragma once

#include <cstddef>
#include <optional>

#include "lib/net/address.h"
#include "lib/os/fd.h"

namespace ipam {

class Hint {
 public:
  // Reads the file of a set in a store's directory, which must stay open. What is no regular file is not opened.
  Hint(int directory, std::size_t set);

  // nullopt when there is none that can be read.
  [[nodiscard]] const std::optional<net::Address>& address() const { return address_; }

  // Writes over what the file holds, without O_TRUNC: ext4 flushes a truncated file when it is closed. Makes the file when
  // it is absent. One that has a second name (a backup made of hard links) is made anew, so that the other one stays what it
  // is. Throws std::system_error.
  void write(const net::Address& address);

 private:
  void read();

  int directory_;
  std::size_t set_;
  bool has_other_name_ = false;
  os::Fd file_;
  std::size_t size_ = 0;  // of the file, as far as it was read
  std::optional<net::Address> address_;
};

}  // namespace ipam
