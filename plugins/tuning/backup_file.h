// SPDX-License-Identifier: Apache-2.0
// The files that keep what links were like: <dataDir>/<containerID>_<ifname>.json, as the reference names them.
//
// The folder is one that only root can change (os/trusted_directory.h), no symbolic link is followed in it, and a file is there
// whole or not at all. Throws std::system_error.
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

  // nullopt when there is none, and when it cannot have been made: a name of more than 255 bytes.
  [[nodiscard]] std::optional<std::string> read() const;

  // Makes the folder when it is not there, and replaces what there is.
  void write(std::string_view content) const;
  void remove() const;

  [[nodiscard]] std::string path() const { return data_dir_ + "/" + name_; }

 private:
  std::string data_dir_;
  std::string name_;
};

// Could a file be made there? Makes none.
void require_writable(const std::string& data_dir);

// Removes the files of attachments of that network that are not alive, and calls `tell` with each one's path. Which network a
// file is of is what ours say of themselves; what the reference wrote is of an unknown one, and stays.
void collect(const std::string& data_dir, const net::Attachments& alive,
             const std::function<void(const std::string& path)>& tell);

}  // namespace tuning
