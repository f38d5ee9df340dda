// SPDX-License-Identifier: Apache-2.0
// A folder in memory (tmpfs) for one test, deleted afterwards: like /run for indices.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

class MemoryFolder {
 public:
  MemoryFolder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  ~MemoryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/dev/shm/footbridge-test-XXXXXX";
};
