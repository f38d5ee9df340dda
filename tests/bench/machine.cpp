// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace bench {
namespace {

// The text after `mark` in the first line that begins with `key`.
std::string value_in(const std::string& path, const std::string& key, char mark) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(mark);
    if (!line.starts_with(key) || at == std::string::npos) continue;
    std::string value = line.substr(at + 1);
    std::erase(value, '"');
    value.erase(0, value.find_first_not_of(" \t"));
    return value;
  }
  return "unknown";
}

// The folder's mount is the longest mount point that is a prefix of the folder.
std::string file_system_of(const std::string& folder) {
  std::ifstream mounts("/proc/self/mounts");
  std::string best;
  std::string kind = "unknown";
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device;
    std::string place;
    std::string type;
    words >> device >> place >> type;
    const std::string prefix = place == "/" ? place : place + "/";
    if (!(folder + "/").starts_with(prefix) || place.size() < best.size()) continue;
    best = place;
    kind = type;
  }
  return kind;
}

}  // namespace

test::Json describe_machine(const std::string& store) {
  constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
  utsname name{};
  ::uname(&name);
  const double memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
  return {{"cpus", ::sysconf(_SC_NPROCESSORS_ONLN)},
          {"model", value_in("/proc/cpuinfo", "model name", ':')},
          {"memory_gib", static_cast<int>(memory / kGib + 0.5)},
          {"kernel", name.release},
          {"system", value_in("/etc/os-release", "PRETTY_NAME", '=')},
          {"store", file_system_of(store)}};
}

}  // namespace bench
