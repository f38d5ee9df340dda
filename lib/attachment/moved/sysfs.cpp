// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/moved/sysfs.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <climits>

#include "lib/os/file.h"

namespace attachment {
namespace {

std::set<std::string> names_in(const std::string& path) {
  std::set<std::string> names;
  if (::access(path.c_str(), F_OK) != 0) return names;
  const os::Fd folder = os::open_file(path, O_RDONLY | O_DIRECTORY);
  os::for_each_entry(folder.get(), [&](const std::string& name) { names.insert(name); });
  return names;
}

}  // namespace

std::set<std::string> interfaces_in(const std::string& folder) {
  std::set<std::string> interfaces = names_in(folder + "/net");
  for (const std::string& name : names_in(folder)) {
    if (name.starts_with("virtio")) interfaces.merge(names_in(folder + "/" + name + "/net"));
  }
  return interfaces;
}

std::optional<std::string> driver_in(const std::string& folder) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlink((folder + "/driver").c_str(), target.data(), target.size());
  if (size < 0) return std::nullopt;
  const std::string path(target.data(), static_cast<std::size_t>(size));
  return path.substr(path.rfind('/') + 1);
}

}  // namespace attachment
