// SPDX-License-Identifier: Apache-2.0
// Backup files of links: <dataDir>/<containerID>_<ifname>.json, named as the reference names them.
//
// Only root may be able to write to the folder (os/trusted_directory.h). Symbolic links in it are not followed. Files
// are replaced atomically. All functions throw std::system_error.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/attachments.h"
#include "lib/net/owner.h"

namespace tuning {

class BackupFile {
 public:
  BackupFile(std::string data_dir, const net::Owner& owner);

  // nullopt if the file does not exist. A name of more than 255 bytes cannot exist.
  [[nodiscard]] std::optional<std::string> read() const;

  // Creates the folder if it is missing, and replaces an existing file.
  void write(std::string_view content) const;
  void remove() const;

  [[nodiscard]] std::string path() const { return data_dir_ + "/" + name_; }

 private:
  std::string data_dir_;
  std::string name_;
};

// Throws if a file could not be created in the folder. Creates none.
void require_writable(const std::string& data_dir);

// Deletes the files of this network's attachments that are not alive, and calls `report` with each path. Our backups
// name their network. Backups of the reference do not, and are kept.
void collect(const std::string& data_dir, const net::Attachments& alive,
             const std::function<void(const std::string& path)>& report);

}  // namespace tuning
