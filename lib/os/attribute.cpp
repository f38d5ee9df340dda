#include "lib/os/attribute.h"

#include <sys/vfs.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "lib/os/error.h"

namespace os {

std::optional<std::string> read_attribute(int fd, const std::string& name) {
  std::array<char, 256> value{};
  const ssize_t length = ::fgetxattr(fd, name.c_str(), value.data(), value.size());
  if (length >= 0) return std::string(value.data(), static_cast<std::size_t>(length));
  if (errno == ENODATA || errno == ERANGE) return std::string();
  if (errno == EOPNOTSUPP || errno == EPERM || errno == EACCES || errno == ENOSYS) return std::nullopt;
  throw last_error("read attribute " + name);
}

bool write_attribute(int fd, const std::string& name, const std::string& value) {
  return ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0;
}

bool is_shared(int fd) {
  // linux/magic.h and the sources of the file systems have these numbers; statfs(2) lists them.
  constexpr std::array<std::uint32_t, 10> kShared{
      0x6969,      // NFS
      0xff534d42,  // CIFS
      0xfe534d42,  // SMB2
      0x517b,      // SMB
      0x00c36400,  // Ceph
      0x01021997,  // 9P
      0x01161970,  // GFS2
      0x7461636f,  // OCFS2
      0x5346414f,  // AFS
      0x65735546,  // FUSE: GlusterFS, sshfs and others
  };
  struct statfs status {};
  if (::fstatfs(fd, &status) != 0) return true;  // unknown is not ours alone
  return std::find(kShared.begin(), kShared.end(), static_cast<std::uint32_t>(status.f_type)) != kShared.end();
}

}  // namespace os
