// SPDX-License-Identifier: Apache-2.0
#include "lib/os/attribute.h"

#include <sys/vfs.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace os {

std::optional<std::string> read_attribute(int fd, const std::string& name) {
  std::array<char, 256> value{};
  const ssize_t length = ::fgetxattr(fd, name.c_str(), value.data(), value.size());
  if (length >= 0) return std::string(value.data(), static_cast<std::size_t>(length));
  if (errno == ENODATA || errno == ERANGE) return std::string();
  return std::nullopt;
}

bool write_attribute(int fd, const std::string& name, const std::string& value) {
  return ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0;
}

bool is_local(int fd) {
  // linux/magic.h and the sources of the file systems have these numbers; statfs(2) lists them.
  constexpr std::array<std::uint32_t, 8> kLocal{
      0xef53,      // ext2, ext3, ext4
      0x58465342,  // XFS
      0x9123683e,  // Btrfs
      0xf2f52010,  // F2FS
      0x2fc12fc1,  // ZFS
      0xca451a4e,  // bcachefs
      0x01021994,  // tmpfs
      0x794c7630,  // overlay
  };
  struct statfs status {};
  if (::fstatfs(fd, &status) != 0) return false;
  return std::find(kLocal.begin(), kLocal.end(), static_cast<std::uint32_t>(status.f_type)) != kLocal.end();
}

}  // namespace os
