#include "lib/ipam/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "lib/ipam/layout.h"
#include "lib/os/attribute.h"
#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/writable.h"

namespace ipam {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kLockMode = 0750;
constexpr mode_t kFileMode = 0600;

std::optional<struct stat> status_of(int directory, const std::string& name) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  throw os::last_error("stat " + name);
}

}  // namespace

Store::Store(const std::string& data_dir, const std::string& network)
    : StoreView(data_dir, network), lock_(fd(), "lock", kLockMode) {}

Store Store::create(const std::string& data_dir, const std::string& network) {
  os::make_directories(directory(data_dir, network), kDirectoryMode);
  return {data_dir, network};
}

std::optional<Store> Store::open(const std::string& data_dir, const std::string& network) {
  try {
    return Store(data_dir, network);
  } catch (const std::system_error& error) {
    if (is_absent(error)) return std::nullopt;
    throw;
  }
}

void Store::require_writable(const std::string& data_dir, const std::string& network) {
  os::require_writable(directory(data_dir, network));
}

std::vector<Entry> Store::reclaim(const std::string& boot) {
  const auto marked = os::read_attribute(fd(), kBootAttribute);
  if (boot.empty() || !marked || (*marked != boot && !os::is_local(fd()))) return {};
  boot_ = boot;
  if (*marked == boot) return {};
  std::vector<Entry> released;
  for (const Entry& entry : entries()) {
    if (entry.kind != Entry::Kind::allocation) continue;
    if (entry.boot.empty()) mark(entry.address);
    if (!entry.is_of_earlier_boot(boot)) continue;
    try {
      release(entry.address);
      released.push_back(entry);
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): it stays taken; the caller wants another one
    }
  }
  os::write_attribute(fd(), kBootAttribute, boot);
  return released;
}

void Store::mark(const net::Address& address) {
  const os::Fd file(::openat(fd(), address.text().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file) os::write_attribute(file.get(), kBootAttribute, boot_);
}

bool Store::reserve(const net::Address& address, const Holder& holder) {
  const std::string name = address.text();
  // Most candidates of a full range are taken, and looking is cheaper than writing a file that cannot be linked.
  if (const auto status = status_of(fd(), name)) {
    if (!S_ISREG(status->st_mode) || status->st_size != 0) return false;
    os::remove_file_at(fd(), name);  // nobody is half way through writing it: we have the lock
  }
  return os::create_whole_at(fd(), name, content_of(holder), kFileMode, [this](int file) {
    if (!boot_.empty()) os::write_attribute(file, kBootAttribute, boot_);
  });
}

void Store::release(const net::Address& address) { os::remove_file_at(fd(), address.text()); }

bool Store::release_unchanged(const Entry& seen) {
  const auto now = entry(seen.address);
  if (!now || *now != seen) return false;
  release(seen.address);
  return true;
}

std::vector<net::Address> Store::release_all(const Holder& holder) {
  const std::string exact = content_of(holder);
  std::vector<net::Address> mine;
  std::vector<net::Address> old;
  for_each_allocation([&](const net::Address& address, const std::string& content) {
    if (content == exact) mine.push_back(address);
    if (content == holder.container_id) old.push_back(address);
  });
  if (mine.empty()) mine = std::move(old);
  std::optional<std::system_error> failed;
  for (const net::Address& address : mine) {
    try {
      release(address);
    } catch (const std::system_error& error) {
      if (!failed) failed = error;
    }
  }
  if (failed) throw std::system_error(*failed);
  return mine;
}

void Store::set_last_reserved(std::size_t set, const net::Address& address) {
  os::overwrite_at(fd(), hint_name(set), address.text(), kFileMode);
}

bool is_abandoned(const Entry& entry, const net::Attachments& alive) {
  switch (entry.kind) {
    case Entry::Kind::empty: return true;
    case Entry::Kind::foreign: return false;
    case Entry::Kind::allocation: break;
  }
  if (entry.holder.ifname.empty()) return !alive.is_alive(entry.holder.container_id);
  return !alive.is_alive(entry.holder.container_id, entry.holder.ifname);
}

}  // namespace ipam
