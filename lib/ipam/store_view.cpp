// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/store_view.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "lib/ipam/layout.h"
#include "lib/os/attribute.h"
#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/trusted_directory.h"

namespace ipam {
namespace {

constexpr std::size_t kLongestContent = 4096;  // bytes; a container id has 64, an interface name 15

// Errors of this one file, not of the process or the moment (ENOMEM, EMFILE, EINTR ...).
bool is_of_file(int error) {
  constexpr std::array kOfFile{EIO, EACCES, EPERM, ESTALE, EUCLEAN, EBADMSG};
  return std::find(kOfFile.begin(), kOfFile.end(), error) != kOfFile.end();
}

// Reads the whole file in one call. Throws EFBIG if it is longer than any allocation.
std::string read_file(int file, const std::string& name) {
  std::array<char, kLongestContent + 1> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read(2) fills it
  std::size_t size = 0;
  ssize_t count = 0;
  do {
    count = ::read(file, buffer.data() + size, buffer.size() - size);
    if (count < 0 && errno != EINTR) throw os::last_error("read " + name);
    if (count > 0) size += static_cast<std::size_t>(count);
  } while (count < 0);
  if (size == buffer.size()) throw os::error(EFBIG, "read " + name);
  return {buffer.data(), size};
}

// Reads the owner from a regular file that is not empty.
void read_allocation(int directory, const std::string& name, Entry& entry) {
  entry.kind = Entry::Kind::foreign;
  entry.unreadable = 0;
  try {
    const os::Fd file = os::open_file_at(directory, name, O_RDONLY | O_NONBLOCK);
    const auto holder = parse_holder(trimmed(read_file(file.get(), name)));
    if (!holder) return;
    entry.kind = Entry::Kind::allocation;
    entry.holder = *holder;
    entry.boot = os::read_attribute(file.get(), kBootAttribute).value_or("");
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code != EFBIG && code != ENOENT && !is_of_file(code)) throw;
    if (is_of_file(code)) entry.unreadable = code;
  }
}

}  // namespace

Unreadable::Unreadable(int code, const net::Address& address)
    : std::system_error(code, std::generic_category(), "read " + address.text()), address_(address) {}

std::string Holder::text() const {
  if (container_id.empty()) return "unknown owner";
  return ifname.empty() ? container_id : container_id + "/" + ifname;
}

namespace {

// Quoted for a shell.
std::string quoted(const std::string& path) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
  if (path.find_first_not_of(kPlain) == std::string::npos) return path;
  std::string result = "'";
  for (const char byte : path) result += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
  return result + "'";
}

}  // namespace

StoreView::StoreView(const std::string& data_dir, const std::string& network)
    : data_dir_(data_dir),
      network_(network),
      path_(directory(data_dir, network)),
      directory_(os::open_trusted_directory(path_)) {}

std::string StoreView::directory(const std::string& data_dir, const std::string& network) {
  return data_dir + (data_dir.ends_with('/') ? "" : "/") + network;
}

bool is_absent(const std::system_error& error) { return error.code().value() == ENOENT; }

std::optional<StoreView> StoreView::open(const std::string& data_dir, const std::string& network) {
  try {
    return StoreView(data_dir, network);
  } catch (const std::system_error& error) {
    if (is_absent(error)) return std::nullopt;
    throw;
  }
}

std::string StoreView::options() const {
  const bool is_default = path_ == directory(std::string(kDataDir), network_);
  return network_ + (is_default ? "" : " --dir " + quoted(data_dir_));
}

std::vector<net::Address> StoreView::names() const {
  std::vector<net::Address> result;
  for_each_name([&](const net::Address& address) { result.push_back(address); });
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<Entry> StoreView::entries() const {
  std::vector<Entry> result;
  for_each([&](const Entry& entry) { result.push_back(entry); });
  return result;
}

void StoreView::for_each(const std::function<void(const Entry&)>& use) const {
  for (const net::Address& address : names()) {
    if (const auto found = entry(address)) use(*found);
  }
}

std::optional<Entry> StoreView::entry(const net::Address& address) const {
  const std::string name = address.text();
  struct stat status {};
  if (::fstatat(fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    throw os::last_error("stat " + name);
  }
  Entry entry;
  entry.address = address;
  entry.since = status.st_mtime;
  if (!S_ISREG(status.st_mode)) {
    entry.kind = Entry::Kind::foreign;
  } else if (status.st_size == 0) {
    entry.kind = Entry::Kind::empty;
  } else {
    read_allocation(fd(), name, entry);
    if (entry.unreadable != 0) read_allocation(fd(), name, entry);
  }
  return entry;
}

// Tries twice: a disk or a server may fail once, and an unreadable owner would lose its address.
std::string StoreView::content(const net::Address& address) const {
  try {
    return read_content(address);
  } catch (const Unreadable&) {
    return read_content(address);
  }
}

std::string StoreView::read_content(const net::Address& address) const {
  const std::string name = address.text();
  try {
    const os::Fd file = os::open_regular_at(fd(), name, O_RDONLY);
    return std::string(trimmed(read_file(file.get(), name)));
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (is_of_file(code)) throw Unreadable(code, address);
    const bool is_nothing_of_ours = code == ENOENT || code == EINVAL || code == ELOOP || code == EFBIG;
    if (!is_nothing_of_ours) throw;
    return {};
  }
}

void StoreView::for_each_name(const std::function<void(const net::Address&)>& use) const {
  os::for_each_entry(fd(), [&](const std::string& name) {
    if (const auto address = parse_name(name)) use(*address);
  });
}

}  // namespace ipam
