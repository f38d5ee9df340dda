// SPDX-License-Identifier: Apache-2.0
// A named network namespace that its object owns: the container of `footbridge exec`.
#pragma once

#include <string>

namespace cli {

class TemporaryNetns {
 public:
  // Creates it as ip-netns(8) does, as a bind mount at /run/netns/<name>, so that plugins get a path. Sets its loopback
  // interface up. Throws std::system_error, EEXIST if the name exists.
  explicit TemporaryNetns(const std::string& name);
  TemporaryNetns(const TemporaryNetns&) = delete;
  TemporaryNetns& operator=(const TemporaryNetns&) = delete;
  TemporaryNetns(TemporaryNetns&&) = delete;
  TemporaryNetns& operator=(TemporaryNetns&&) = delete;

  // Deletes the name. The namespace exists while a process is in it.
  ~TemporaryNetns();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace cli
