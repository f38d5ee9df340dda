// SPDX-License-Identifier: Apache-2.0
// A directory for one test, deleted afterwards.
#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "footbridge-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }

  [[nodiscard]] std::string read(const std::string& name) const {
    const std::ifstream file(path(name), std::ios::binary);
    REQUIRE_MESSAGE(file, path(name));
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
  }

  [[nodiscard]] bool has(const std::string& name) const {
    struct stat status {};
    return ::lstat(path(name).c_str(), &status) == 0;
  }

  // The permission bits, as "0644".
  [[nodiscard]] std::string mode(const std::string& name) const {
    struct stat status {};
    REQUIRE(::lstat(path(name).c_str(), &status) == 0);
    std::ostringstream text;
    text << '0' << std::oct << (status.st_mode & 07777U);
    return text.str();
  }

  // Name and content of every file below `name`; a subdirectory ends with "/".
  [[nodiscard]] std::map<std::string, std::string> files(const std::string& name = ".") const {
    std::map<std::string, std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(path(name))) {
      const std::string file = entry.path().filename();
      if (entry.is_directory()) {
        result[file + "/"] = "";
      } else {
        result[file] = read(name + "/" + file);
      }
    }
    return result;
  }

 private:
  std::string path_;
};

// The umask for one test: modes are compared exactly, whatever the umask of the caller is.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};
