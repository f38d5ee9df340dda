#include "lib/ipam/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "lib/os/error.h"
#include "lib/os/file.h"

namespace ipam {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kLockMode = 0750;
constexpr mode_t kFileMode = 0600;
constexpr std::string_view kLineBreak = "\r\n";
constexpr std::size_t kLongestContent = 4096;  // bytes; a container id has 64, an interface's name 15

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

std::string content_of(const Holder& holder) { return holder.container_id + std::string(kLineBreak) + holder.ifname; }

Holder parse_holder(std::string_view content) {
  const std::size_t end = content.find(kLineBreak);
  if (end == std::string_view::npos) return {std::string(content), {}};
  return {std::string(content.substr(0, end)), std::string(content.substr(end + kLineBreak.size()))};
}

std::string hint_name(std::size_t set) { return "last_reserved_ip." + std::to_string(set); }

// The address that a file of this name stands for. Others live here too: "lock", "last_reserved_ip.0", and the temporary
// names of os::create_whole_at, which begin with a dot.
std::optional<net::Address> parse_name(const std::string& name) {
  const auto address = net::Address::parse(name);
  return address && address->text() == name ? address : std::nullopt;
}

// What is neither a file nor readable tells nothing about its owner; it must not keep DEL from releasing others.
bool is_foreign(int error) {
  constexpr std::array kForeign{ELOOP, EISDIR, ENXIO, EFBIG, EIO};
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

std::optional<struct stat> status_of(int directory, const std::string& name) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  throw os::last_error("stat " + name);
}

bool is_empty_file(const struct stat& status) { return S_ISREG(status.st_mode) && status.st_size == 0; }

}  // namespace

Store::Store(std::string path, os::Fd directory)
    : path_(std::move(path)), directory_(std::move(directory)), lock_(directory_.get(), "lock", kLockMode) {}

std::string Store::directory(const std::string& data_dir, const std::string& network) {
  return data_dir + (data_dir.ends_with('/') ? "" : "/") + network;
}

Store Store::create(const std::string& data_dir, const std::string& network) {
  const std::string path = directory(data_dir, network);
  os::make_directories(path, kDirectoryMode);
  return {path, os::open_file(path, O_RDONLY | O_DIRECTORY)};
}

std::optional<Store> Store::open(const std::string& data_dir, const std::string& network) {
  const std::string path = directory(data_dir, network);
  try {
    return Store(path, os::open_file(path, O_RDONLY | O_DIRECTORY));
  } catch (const std::system_error& error) {
    if (error.code().value() == ENOENT) return std::nullopt;
    throw;
  }
}

bool Store::reserve(const net::Address& address, const Holder& holder) {
  const std::string name = address.text();
  const int directory = directory_.get();
  // Most candidates of a full range are taken, and looking is cheaper than writing a file that cannot be linked.
  if (const auto status = status_of(directory, name)) {
    if (!is_empty_file(*status)) return false;
    os::remove_file_at(directory, name);  // nobody is half way through writing it: we have the lock
  }
  return os::create_whole_at(directory, name, content_of(holder), kFileMode);
}

void Store::release(const net::Address& address) { os::remove_file_at(directory_.get(), address.text()); }

void Store::release_all(const Holder& holder) {
  const std::string exact = content_of(holder);
  std::vector<net::Address> mine;
  std::vector<net::Address> old;
  for_each_allocation([&](const net::Address& address, const std::string& content) {
    if (content == exact) mine.push_back(address);
    if (content == holder.container_id) old.push_back(address);
  });
  std::optional<std::system_error> failed;
  for (const net::Address& address : mine.empty() ? old : mine) {
    try {
      release(address);
    } catch (const std::system_error& error) {
      if (!failed) failed = error;
    }
  }
  if (failed) throw std::system_error(*failed);
}

std::vector<net::Address> Store::held_by(const Holder& holder) const {
  const std::string exact = content_of(holder);
  std::vector<net::Address> result;
  for_each_allocation([&](const net::Address& address, const std::string& content) {
    if (content == exact || content == holder.container_id) result.push_back(address);
  });
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<Taken> Store::taken() const {
  std::vector<Taken> result;
  for_each_allocation([&](const net::Address& address, const std::string& content) {
    const auto status = status_of(directory_.get(), address.text());
    if (!status || is_empty_file(*status)) return;
    result.push_back({address, parse_holder(content), status->st_mtime});
  });
  return result;
}

std::optional<net::Address> Store::last_reserved(std::size_t set) const {
  return net::Address::parse(read_content(directory_.get(), hint_name(set)));
}

void Store::set_last_reserved(std::size_t set, const net::Address& address) {
  os::overwrite_at(directory_.get(), hint_name(set), address.text(), kFileMode);
}

void Store::for_each_allocation(const std::function<void(const net::Address&, const std::string& content)>& use) const {
  os::for_each_entry(directory_.get(), [&](const std::string& name) {
    if (const auto address = parse_name(name)) use(*address, read_content(directory_.get(), name));
  });
}

}  // namespace ipam
