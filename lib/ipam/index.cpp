// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/index.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lib/ipam/layout.h"
#include "lib/os/attribute.h"
#include "lib/os/file.h"

namespace ipam {
namespace {

constexpr std::array<char, 8> kMagic{'f', 'b', 'i', 'p', 'a', 'm', '0', '1'};
constexpr std::size_t kLeastOwnerBlocks = 64;
constexpr std::size_t kLeastBitBlocks = 16;

// Differs at each call, even if the clock is wrong.
std::uint64_t random_number() {
  struct timespec now {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  std::uint64_t number = 0;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): getauxval(3) returns the address of 16 random bytes as an integer
  std::memcpy(&number, reinterpret_cast<const void*>(::getauxval(AT_RANDOM)), sizeof number);
  number ^= static_cast<std::uint64_t>(now.tv_sec) * 1000000000U + static_cast<std::uint64_t>(now.tv_nsec);
  number *= 0x9fb21c651e98df25;
  return number ^ number >> 31U;
}

std::size_t count_blocks(const std::vector<net::Address>& sorted) {
  std::size_t count = 0;
  std::optional<net::Address> last;
  for (const net::Address& address : sorted) {
    const net::Address first = block_start(address);
    if (last != first) ++count;
    last = first;
  }
  return count;
}

}  // namespace

OwnerKey key_of_content(std::string_view content) {
  const auto owner = parse_owner(content);
  return owner ? key_of(owner->container_id) : kNoContainer;
}

std::optional<IndexedFile> observe_file(const StoreView& store, const net::Address& address) {
  try {
    const OwnerKey key = key_of_content(store.content(address));
    if (key != kNoContainer) return IndexedFile{address, key, true};
  } catch (const Unreadable&) {
    return IndexedFile{address, kNoContainer, true};  // a search tries to read it again
  }
  const auto entry = store.entry(address);
  if (!entry) return std::nullopt;
  return IndexedFile{address, kNoContainer, entry->kind != ipam::Entry::Kind::empty};
}

std::unique_ptr<Index> Index::open(const std::string& folder, int directory) {
  try {
    const Directory now = observe(directory);
    std::array<char, 48> name{};
    std::snprintf(name.data(), name.size(), "%llx-%llx", static_cast<unsigned long long>(now.device),
                  static_cast<unsigned long long>(now.inode));
    auto file = IndexFile::open(folder, name.data());
    if (!file) return nullptr;
    std::unique_ptr<Index> index(new Index(std::move(*file), directory));
    if (index->load(index->file_.has_waited() ? observe(directory) : now)) return index;
    if (index->header_.is_disabled != 0 || !index->file_.is_own_in_memory() || !os::is_local(directory)) return nullptr;
    if (index->header_.magic != kMagic) index->new_in_ = folder;
    return index;
  } catch (const IndexDamaged&) {
    return nullptr;
  }
}

Index::~Index() {
  if (!is_changed_ || !is_current()) return;
  try {
    commit();
  } catch (const IndexDamaged&) {
    invalidate();
  }
}

Index::Directory Index::observe(int directory) {
  struct stat status {};
  if (::fstat(directory, &status) != 0) throw IndexDamaged("the directory cannot be read");
  return {status.st_dev,
          status.st_ino,
          {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec}};
}

// False if it is absent, damaged or not current.
bool Index::load(const Directory& now) {
  try {
    header_ = file_.read<Header>(0);
  } catch (const IndexDamaged&) {
    return false;
  }
  const bool is_ours =
      header_.magic == kMagic && header_.directory.device == now.device && header_.directory.inode == now.inode;
  if (!is_ours) header_ = {};
  if (header_.is_disabled != 0 || header_.directory != now) return false;
  if (header_.owner_blocks == 0 || header_.bit_blocks == 0) return false;
  open_tables();
  return true;
}

bool Index::has_directory(const Header& header) {
  struct stat status {};
  if (header.magic != kMagic || header.path[0] != '/') return true;  // unknown
  if (::stat(std::string(header.path.data(), ::strnlen(header.path.data(), header.path.size())).c_str(), &status) !=
      0) {
    return errno != ENOENT && errno != ENOTDIR;
  }
  return header.directory.device == status.st_dev && header.directory.inode == status.st_ino;
}

// Deletes the indices of deleted directories, and empty files of invalidated indices.
void Index::remove_orphans(const std::string& folder) {
  try {
    const os::Fd opened = os::open_file(folder, O_RDONLY | O_DIRECTORY);
    os::for_each_entry(opened.get(), [&](const std::string& name) {
      try {
        const auto file = IndexFile::peek(opened.get(), name);
        if (!file) return;
        if (file->is_empty() || !has_directory(file->read<Header>(0))) os::remove_file_at(opened.get(), name);
      } catch (const IndexDamaged&) {  // NOLINT(bugprone-empty-catch): its user rebuilds it
      }
    });
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): they only use some memory
  }
}

void Index::open_tables() {
  owners_.emplace(file_, 1, header_.owner_blocks);
  bits_.emplace(file_, 1 + header_.owner_blocks, header_.bit_blocks, header_.bit_blocks_used);
}

// With room for four times as many files, so that growing is cheap per allocation.
void Index::write_empty_tables(const std::vector<net::Address>& names, const std::string& path) {
  const std::size_t owners = std::max(kLeastOwnerBlocks, names.size() * 4 / OwnerBlock::kMost + 1);
  const std::size_t bits = std::max(kLeastBitBlocks, count_blocks(names) * 2);
  header_ = {};
  header_.magic = kMagic;
  header_.owner_blocks = static_cast<std::uint32_t>(owners);
  header_.bit_blocks = static_cast<std::uint32_t>(bits);
  if (path.size() < header_.path.size()) std::copy(path.begin(), path.end(), header_.path.begin());
  file_.clear();
  for (std::size_t i = 1; i <= owners; ++i) file_.write(i, OwnerBlock{});
  for (std::size_t i = owners + 1; i <= owners + bits; ++i) file_.write(i, BitBlock{});
}

void Index::build(const StoreView& store) {
  try {
    if (!new_in_.empty()) remove_orphans(new_in_);
    const Directory before = observe(directory_);
    const std::vector<net::Address> names = store.names();
    write_empty_tables(names, store.path());
    open_tables();
    for (const net::Address& address : names) {
      if (const auto file = observe_file(store, address)) add(*file);
    }
    if (observe(directory_) != before) throw IndexDamaged("the directory was changed without the lock");
    is_changed_ = true;
  } catch (...) {
    invalidate();  // an incomplete index must not count as current
    throw;
  }
}

std::vector<IndexedFile> Index::find(std::string_view container_id) {
  std::vector<IndexedFile> result;
  const OwnerKey key = key_of(container_id);
  for (const net::Address& address : owners_->find(key)) result.push_back({address, key, true});
  if (header_.unowned == 0) return result;
  for (const net::Address& address : owners_->find(kNoContainer)) result.push_back({address, kNoContainer, true});
  return result;
}

std::optional<net::Address> Index::next_free(const net::Address& first, const net::Address& last) {
  return bits_->next_free(first, last);
}

void Index::add(const IndexedFile& file) {
  is_changed_ = true;
  owners_->insert(file.key, file.address);
  if (file.is_taken) bits_->take(file.address);
  ++header_.files;
  if (file.key == kNoContainer) ++header_.unowned;
}

void Index::remove(const IndexedFile& file) {
  is_changed_ = true;
  owners_->erase(file.key, file.address);
  if (file.is_taken) bits_->release(file.address);
  --header_.files;
  if (file.key == kNoContainer) --header_.unowned;
}

std::optional<std::string> Index::boot() const {
  if (header_.knows_boot == 0) return std::nullopt;
  return std::string(header_.boot.data(), ::strnlen(header_.boot.data(), header_.boot.size()));
}

void Index::set_boot(const std::string& boot) {
  if (boot.size() >= header_.boot.size()) return;
  is_changed_ = true;
  header_.knows_boot = 1;
  header_.boot = {};
  std::copy(boot.begin(), boot.end(), header_.boot.begin());
}

// A table that is three quarters full is rebuilt, larger, by the next call.
bool Index::has_room() const {
  return header_.files < header_.owner_blocks * OwnerBlock::kMost / 4 * 3 &&
         header_.bit_blocks_used < header_.bit_blocks / 4 * 3;
}

void Index::commit() {
  header_.bit_blocks_used = static_cast<std::uint32_t>(bits_->used());
  if (!has_room()) return invalidate();
  owners_->flush();
  bits_->flush();
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const struct timespec mark { now.tv_sec - 2, static_cast<long>(random_number() % 1000000000U) };
  const std::array<struct timespec, 2> times{{{0, UTIME_OMIT}, mark}};
  if (::futimens(directory_, times.data()) != 0) return errno == EROFS ? invalidate() : disable();  // may be temporary
  header_.directory = observe(directory_);
  const Times& kept = header_.directory.times;
  if (kept.modified_s == kept.changed_s && kept.modified_ns == kept.changed_ns) return;  // a change without the lock
  if (kept.modified_s != mark.tv_sec || kept.modified_ns != mark.tv_nsec) return disable();
  file_.write(0, header_);
}

// Later calls in this boot need not try.
void Index::disable() {
  const Directory now = observe(directory_);
  const auto path = header_.path;
  header_ = {};
  header_.magic = kMagic;
  header_.directory = now;
  header_.path = path;
  header_.is_disabled = 1;
  file_.clear();
  file_.write(0, header_);
}

void Index::invalidate() noexcept {
  try {
    owners_.reset();
    bits_.reset();
    file_.clear();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it could not be written when it became wrong
  }
}

}  // namespace ipam
