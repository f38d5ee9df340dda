// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/backup_file.h"

#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

#include "lib/cni/steps.h"
#include "lib/log/log.h"
#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/trusted_directory.h"
#include "lib/os/writable.h"
#include "plugins/tuning/backup.h"

namespace tuning {
namespace {

constexpr mode_t kDirectoryMode = 0700;  // the reference's lacks x, which makes no difference to root
constexpr mode_t kFileMode = 0600;
constexpr std::size_t kLargest = 65536;  // bytes

std::string name_of(const net::Owner& owner) { return owner.container_id + "_" + owner.ifname + ".json"; }

bool can_be_named(const std::string& name) { return name.size() <= NAME_MAX; }

std::optional<os::Fd> open_folder(const std::string& data_dir) {
  try {
    return os::open_trusted_directory(data_dir);
  } catch (const std::system_error& error) {
    if (error.code().value() == ENOENT || error.code().value() == ENOTDIR) return std::nullopt;
    throw;
  }
}

// A symbolic link, a directory, a socket, or a file larger than any backup.
bool is_no_backup(const std::system_error& error) {
  const int code = error.code().value();
  return code == ELOOP || code == EISDIR || code == ENXIO || code == EFBIG;
}

// nullopt if the file cannot be a backup. GC ignores such a file.
std::optional<std::string> content_if_file(int folder, const std::string& name) {
  try {
    return os::read_file_at(folder, name, kLargest);
  } catch (const std::system_error& error) {
    if (!is_no_backup(error)) throw;
    logging::warn(std::string("not a backup, ignored: ") + error.what());
    return std::nullopt;
  }
}

// Only our own files are collected, and only under the name that belongs to their owner.
bool is_abandoned(const std::string& name, const std::optional<std::string>& content, const net::Attachments& alive) {
  const auto backup = content ? parse_backup(*content) : std::nullopt;
  if (!backup || !backup->owner || backup->owner->network != alive.network()) return false;
  return name_of(*backup->owner) == name && !alive.is_alive(backup->owner->container_id, backup->owner->ifname);
}

}  // namespace

BackupFile::BackupFile(std::string data_dir, const net::Owner& owner)
    : data_dir_(std::move(data_dir)), name_(name_of(owner)) {}

std::optional<std::string> BackupFile::read() const {
  if (!can_be_named(name_)) return std::nullopt;
  const auto folder = open_folder(data_dir_);
  return folder ? os::read_file_at(folder->get(), name_, kLargest) : std::nullopt;
}

void BackupFile::write(std::string_view content) const {
  if (!can_be_named(name_)) throw os::error(ENAMETOOLONG, "create " + path());
  const os::Fd folder = os::make_trusted_directory(data_dir_, kDirectoryMode);
  os::replace_file_at(folder.get(), name_, content, kFileMode);
}

void BackupFile::remove() const {
  if (!can_be_named(name_)) return;
  const auto folder = open_folder(data_dir_);
  if (folder) os::remove_file_at(folder->get(), name_);
}

void require_writable(const std::string& data_dir) {
  os::require_writable(data_dir);
  os::require_trusted_directory(data_dir);
}

void collect(const std::string& data_dir, const net::Attachments& alive,
             const std::function<void(const std::string& path)>& report) {
  const auto folder = open_folder(data_dir);
  if (!folder) return;
  cni::Steps steps;
  os::for_each_entry(folder->get(), [&](const std::string& name) {
    if (!name.ends_with(".json")) return;
    steps.run("collect " + name, [&] {
      if (!is_abandoned(name, content_if_file(folder->get(), name), alive)) return;
      os::remove_file_at(folder->get(), name);
      report(data_dir + "/" + name);
    });
  });
  steps.finish();
}

}  // namespace tuning
