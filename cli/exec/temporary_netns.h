// SPDX-License-Identifier: Apache-2.0
// A network namespace with a name, gone with its object: the container of `footbridge exec`.
#pragma once

#include <string>

namespace cli {

class TemporaryNetns {
 public:
  // Made as ip-netns(8) makes them: a bind mount at /run/netns/<name>, seen by every process of this mount namespace, so
  // that plugins get a path. Its loopback interface is up. Throws std::system_error, EEXIST when the name is taken.
  explicit TemporaryNetns(const std::string& name);
  TemporaryNetns(const TemporaryNetns&) = delete;
  TemporaryNetns& operator=(const TemporaryNetns&) = delete;
  TemporaryNetns(TemporaryNetns&&) = delete;
  TemporaryNetns& operator=(TemporaryNetns&&) = delete;

  // Takes the name away. The namespace itself lives on for as long as a process is in it.
  ~TemporaryNetns();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace cli
