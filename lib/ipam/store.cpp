// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "lib/ipam/layout.h"
#include "lib/log/log.h"
#include "lib/os/attribute.h"
#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/trusted_directory.h"
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

// Is the address free: no file, or an empty one? We hold the lock, so no process is writing it.
bool is_free(const std::optional<struct stat>& status) {
  return !status || (S_ISREG(status->st_mode) && status->st_size == 0);
}

}  // namespace

Store::Store(const std::string& data_dir, const std::string& network, std::string index_folder,
             std::chrono::milliseconds timeout)
    : StoreView(data_dir, network), index_folder_(std::move(index_folder)), lock_(fd(), "lock", kLockMode, timeout) {}

Store Store::create(const std::string& data_dir, const std::string& network, const std::string& index_folder,
                    std::chrono::milliseconds timeout) {
  if (auto there = open(data_dir, network, index_folder, timeout)) return std::move(*there);
  os::make_trusted_directory(directory(data_dir, network), kDirectoryMode);
  return {data_dir, network, index_folder, timeout};
}

std::optional<Store> Store::open(const std::string& data_dir, const std::string& network,
                                 const std::string& index_folder, std::chrono::milliseconds timeout) {
  try {
    return Store(data_dir, network, index_folder, timeout);
  } catch (const std::system_error& error) {
    if (is_absent(error)) return std::nullopt;
    throw;
  }
}

void Store::require_writable(const std::string& data_dir, const std::string& network) {
  os::require_writable(directory(data_dir, network));
  os::require_trusted_directory(directory(data_dir, network));
}

// ---- the index ----

Index* Store::index() {
  if (!is_index_open_) index_ = Index::open(index_folder_, fd());
  is_index_open_ = true;
  return index_.get();
}

// False if there is no usable index; ignore what `question` has found by then.
template <typename Question>
bool Store::query_index(const Question& question) {
  if (index() == nullptr) return false;
  try {
    if (!index_->is_current()) index_->build(*this);
    question(*index_);
    return true;
  } catch (const IndexDamaged&) {
    discard_index();
    return false;
  }
}

// Applies a change that was just made to a file. Nothing between the two may throw. An index that is absent or not
// current stays so: the file's change has invalidated it.
template <typename Change>
void Store::update_index(const Change& change) {
  if (!index_ || !index_->is_current()) return;
  try {
    change(*index_);
  } catch (const IndexDamaged&) {
    discard_index();
  }
}

void Store::discard_index() {
  if (index() != nullptr) index_->invalidate();
  index_.reset();
}

// ---- what is there ----

namespace {

// nullopt for an unreadable file, the first of which is kept in `unreadable`.
std::optional<std::string> content_if_readable(const StoreView& store, const net::Address& address,
                                               std::optional<Unreadable>& unreadable) {
  try {
    return store.content(address);
  } catch (const Unreadable& error) {
    if (!unreadable) unreadable = error;
    return std::nullopt;
  }
}

}  // namespace

std::optional<Store::Held> Store::find_in_index(const Owner& owner) {
  const std::string exact = content_of(owner);
  std::optional<Held> held;
  query_index([&](Index& index) {
    Held found;
    for (const IndexedFile& file : index.find(owner.container_id)) {
      std::optional<Unreadable> unreadable;
      const auto content = content_if_readable(*this, file.address, unreadable);
      if (!content) {
        if (!found.is_certain) found.unreadable = unreadable;
        found.is_certain = found.is_certain || file.key != kNoContainer;
        continue;
      }
      if (key_of_content(*content) != file.key) throw IndexDamaged("a file has changed since it was indexed");
      if (content == exact) found.exact.push_back(file.address);
      if (content == owner.container_id) found.old.push_back(file.address);
    }
    held = std::move(found);
  });
  return held;
}

Store::Held Store::find(const Owner& owner) {
  auto held = find_in_index(owner);
  if (!held) {
    held.emplace();
    const std::string exact = content_of(owner);
    for_each_name([&](const net::Address& address) {
      const auto content = content_if_readable(*this, address, held->unreadable);
      if (content == exact) held->exact.push_back(address);
      if (content == owner.container_id) held->old.push_back(address);
    });
  }
  std::sort(held->exact.begin(), held->exact.end());
  std::sort(held->old.begin(), held->old.end());
  return std::move(*held);
}

std::vector<net::Address> Store::addresses_of(const Owner& owner) {
  const Held held = find(owner);
  std::vector<net::Address> all;
  std::merge(held.exact.begin(), held.exact.end(), held.old.begin(), held.old.end(), std::back_inserter(all));
  return all;
}

std::optional<net::Address> Store::next_free(const net::Address& first, const net::Address& last) {
  std::optional<net::Address> free;
  if (!query_index([&](Index& index) { free = index.next_free(first, last); })) return first;
  has_used_index_ = true;
  return free;
}

bool Store::is_exhausted(const RangeSet& set) {
  if (!has_used_index_) return true;  // every address was tried
  std::uint64_t taken = 0;
  for_each_name([&](const net::Address& address) {
    if (set.offers(address) && !is_free(status_of(fd(), address.text()))) ++taken;
  });
  if (taken >= set.size()) return true;
  discard_index();
  has_used_index_ = false;
  return false;
}

// ---- taking ----

// Is the address free? Deletes an empty file.
bool Store::delete_if_empty(const std::string& name, const net::Address& address) {
  const auto status = status_of(fd(), name);
  if (!is_free(status)) return false;
  if (status) release_as(IndexedFile{address, kNoContainer, false}, address);
  return true;
}

bool Store::create_file(const std::string& name, const net::Address& address, const Owner& owner) {
  const IndexedFile filed{address, key_of(owner.container_id), true};
  const bool is_made = os::create_file_at(fd(), name, content_of(owner), kFileMode, [this](int file) {
    if (!boot_.empty()) os::write_attribute(file, kBootAttribute, boot_);
  });
  if (is_made) update_index([&](Index& index) { index.add(filed); });
  return is_made;
}

bool Store::reserve(const net::Address& address, const Owner& owner) {
  const std::string name = address.text();
  const bool looks_free = next_free(address, address).has_value();
  // A stat(2) is cheaper than writing a file that cannot be linked.
  if (index_ && looks_free && create_file(name, address, owner)) return true;
  const bool has_room = delete_if_empty(name, address);
  if (index_ && has_room != looks_free) discard_index();
  return has_room && create_file(name, address, owner);
}

std::optional<net::Address> Store::last_reserved(std::size_t set) {
  if (hints_.size() <= set) hints_.resize(set + 1);
  return hints_[set].emplace(fd(), set).address();
}

void Store::set_last_reserved(std::size_t set, const net::Address& address) {
  if (hints_.size() <= set) hints_.resize(set + 1);
  if (!hints_[set]) hints_[set].emplace(fd(), set);
  hints_[set]->write(address);
}

// ---- giving back ----

// filed: as in the index; nullopt if the file is gone already.
void Store::release_as(const std::optional<IndexedFile>& filed, const net::Address& address) {
  const std::string name = address.text();
  os::remove_file_at(fd(), name);
  if (filed) update_index([&](Index& index) { index.remove(*filed); });
}

void Store::release(const net::Address& address) {
  const bool is_asked = index_ && index_->is_current();
  release_as(is_asked ? observe_file(*this, address) : std::nullopt, address);
}

bool Store::release_unchanged(const Entry& seen) {
  const auto now = entry(seen.address);
  if (!now || *now != seen) return false;
  release(seen.address);
  return true;
}

void Store::require_readable(const Owner& owner, const Held& held) {
  if (!held.unreadable) return;
  const std::string what = "read " + held.unreadable->address().text() + ", which may belong to " + owner.text();
  const std::system_error failure = os::error(held.unreadable->code().value(), what);
  if (held.is_certain) throw std::system_error(failure);
  logging::warn(failure.what());
}

std::vector<net::Address> Store::release_all(const Owner& owner) {
  Held held = find(owner);
  std::vector<net::Address>& mine = held.exact.empty() ? held.old : held.exact;
  std::optional<std::system_error> failed;
  for (const net::Address& address : mine) {
    try {
      release_as(IndexedFile{address, key_of(owner.container_id), true}, address);
    } catch (const std::system_error& error) {
      if (!failed) failed = error;
    }
  }
  if (failed) throw std::system_error(*failed);
  require_readable(owner, held);
  return std::move(mine);
}

// ---- earlier boots ----

void Store::reclaim(const std::function<std::string()>& boot, const std::function<void(const Entry&)>& report) {
  if (index() != nullptr && index_->is_current()) {
    if (const auto known = index_->boot()) {
      boot_ = *known;
      return;
    }
  }
  const std::string current = boot();
  const auto marked = os::read_attribute(fd(), kBootAttribute);
  if (!current.empty() && marked && (*marked == current || os::is_local(fd()))) boot_ = current;
  if (!boot_.empty() && *marked != boot_) reclaim_files(boot_, report);
  query_index([this](Index& index) { index.set_boot(boot_); });
}

void Store::reclaim_files(const std::string& boot, const std::function<void(const Entry&)>& report) {
  for_each([&](const Entry& entry) {
    if (entry.kind != Entry::Kind::allocation) return;
    if (entry.boot.empty()) mark(entry.address);
    if (!entry.is_of_earlier_boot(boot)) return;
    try {
      release(entry.address);
      report(entry);
      // NOLINTNEXTLINE(bugprone-empty-catch): it stays allocated; the caller needs another address
    } catch (const std::system_error&) {
    }
  });
  os::write_attribute(fd(), kBootAttribute, boot);
}

void Store::mark(const net::Address& address) {
  const os::Fd file(::openat(fd(), address.text().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file) os::write_attribute(file.get(), kBootAttribute, boot_);
}

bool is_abandoned(const Entry& entry, const net::Attachments& alive) {
  switch (entry.kind) {
    case Entry::Kind::empty: return true;
    case Entry::Kind::foreign: return false;
    case Entry::Kind::allocation: break;
  }
  if (entry.owner.ifname.empty()) return !alive.is_alive(entry.owner.container_id);
  return !alive.is_alive(entry.owner.container_id, entry.owner.ifname);
}

}  // namespace ipam
