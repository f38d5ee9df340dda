// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/hint.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "lib/ipam/layout.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace ipam {
namespace {

constexpr mode_t kMode = 0600;
constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

}  // namespace

Hint::Hint(int directory, std::size_t set) : directory_(directory), set_(set) {
  const std::string name = hint_name(set);
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) return;
  has_second_link_ = status.st_nlink > 1;
  file_ = os::Fd(::openat(directory, name.c_str(), kFlags));
  if (file_) read();
}

void Hint::read() {
  std::array<char, 64> buffer{};  // an address has at most 39 characters
  const ssize_t count = ::pread(file_.get(), buffer.data(), buffer.size(), 0);
  size_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  if (size_ < buffer.size()) address_ = net::Address::parse(trimmed({buffer.data(), size_}));
}

void Hint::write(const net::Address& address) {
  const std::string name = hint_name(set_);
  const std::string text = address.text();
  if (has_second_link_) {
    os::remove_file_at(directory_, name);
    file_.reset();
    has_second_link_ = false;
  }
  if (!file_) {
    file_ = os::open_regular_at(directory_, name, kFlags | O_CREAT, kMode);
    read();
  }
  const ssize_t count = ::pwrite(file_.get(), text.data(), text.size(), 0);
  if (count != static_cast<ssize_t>(text.size())) throw os::last_error("write " + name);
  if (size_ > text.size() && ::ftruncate(file_.get(), static_cast<off_t>(text.size())) != 0) {
    throw os::last_error("truncate " + name);
  }
  size_ = text.size();
}

}  // namespace ipam
