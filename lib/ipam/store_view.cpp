#include "lib/ipam/store_view.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "lib/ipam/layout.h"
#include "lib/os/attribute.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace ipam {
namespace {

constexpr std::size_t kLongestContent = 4096;  // bytes; a container id has 64, an interface's name 15

// What is neither a file nor readable tells nothing about its owner; it must not keep DEL from releasing others.
bool is_foreign(int error) {
  constexpr std::array kForeign{ELOOP, EISDIR, ENXIO, EFBIG, EIO, EACCES, EPERM};
  return std::find(kForeign.begin(), kForeign.end(), error) != kForeign.end();
}

std::string read_content(int directory, const std::string& name) {
  try {
    return std::string(trimmed(os::read_file_at(directory, name, kLongestContent).value_or("")));
  } catch (const std::system_error& error) {
    if (is_foreign(error.code().value())) return {};
    throw;
  }
}

// A regular file that is not empty: whose it is.
void read_file(int directory, const std::string& name, Entry& entry) {
  entry.kind = Entry::Kind::foreign;
  try {
    const os::Fd file = os::open_file_at(directory, name, O_RDONLY | O_NONBLOCK);
    const auto holder = parse_holder(trimmed(os::read_all(file.get(), kLongestContent, "read " + name)));
    if (!holder) return;
    entry.kind = Entry::Kind::allocation;
    entry.holder = *holder;
    entry.boot = os::read_attribute(file.get(), kBootAttribute).value_or("");
  } catch (const std::system_error& error) {
    if (!is_foreign(error.code().value()) && error.code().value() != ENOENT) throw;
  }
}

}  // namespace

std::string Holder::text() const {
  if (container_id.empty()) return "somebody unknown";
  return ifname.empty() ? container_id : container_id + "/" + ifname;
}

namespace {

// As a shell reads it.
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
      directory_(os::open_file(path_, O_RDONLY | O_DIRECTORY)) {}

std::string StoreView::directory(const std::string& data_dir, const std::string& network) {
  return data_dir + (data_dir.ends_with('/') ? "" : "/") + network;
}

bool is_absent(const std::system_error& error) {
  return error.code().value() == ENOENT || error.code().value() == ENOTDIR;
}

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

std::vector<net::Address> StoreView::held_by(const Holder& holder) const {
  const std::string exact = content_of(holder);
  std::vector<net::Address> result;
  for_each_allocation([&](const net::Address& address, const std::string& content) {
    if (content == exact || content == holder.container_id) result.push_back(address);
  });
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<net::Address> StoreView::names() const {
  std::vector<net::Address> result;
  os::for_each_entry(fd(), [&](const std::string& name) {
    if (const auto address = parse_name(name)) result.push_back(*address);
  });
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<Entry> StoreView::entries() const {
  std::vector<Entry> result;
  for (const net::Address& address : names()) {
    if (auto found = entry(address)) result.push_back(std::move(*found));
  }
  return result;
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
    read_file(fd(), name, entry);
  }
  return entry;
}

std::optional<net::Address> StoreView::last_reserved(std::size_t set) const {
  return net::Address::parse(read_content(fd(), hint_name(set)));
}

void StoreView::for_each_allocation(
    const std::function<void(const net::Address&, const std::string& content)>& use) const {
  os::for_each_entry(fd(), [&](const std::string& name) {
    if (const auto address = parse_name(name)) use(*address, read_content(fd(), name));
  });
}

}  // namespace ipam
