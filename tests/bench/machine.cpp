#include "tests/bench/machine.h"

#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "lib/os/process.h"

namespace bench {
namespace {

using Json = nlohmann::json;

constexpr const char* kUnknown = "unknown";

// What follows `key` and separators in the first line that begins with it.
std::string value_in(const std::string& file, const std::string& key, const std::string& separators) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t begin = line.find_first_not_of(separators, key.size());
    std::string value = begin == std::string::npos ? "" : line.substr(begin);
    std::erase(value, '"');
    return value;
  }
  return kUnknown;
}

// statfs(2) names the kinds by number.
std::string file_system(const char* path) {
  static const std::map<long, std::string> names{
      {0xef53, "ext4"}, {0x58465342, "xfs"}, {0x9123683e, "btrfs"}, {0x01021994, "tmpfs"}, {0x794c7630, "overlay"}};
  struct statfs found {};
  if (::statfs(path, &found) != 0) return kUnknown;
  const auto name = names.find(found.f_type);
  return name == names.end() ? fmt::format("{:#x}", found.f_type) : name->second;
}

std::string output_of(const std::vector<std::string>& command) {
  try {
    os::Process process(command.front(), command, {"PATH=/usr/bin:/bin"}, "");
    const auto output = process.wait(1U << 20U);
    return output.exit_code == 0 ? output.out : "";
  } catch (const std::exception&) {
    return "";
  }
}

// The first word of the text that begins with a digit.
std::string number_in(const std::string& text) {
  const auto begin = std::find_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto end = std::find_if(begin, text.end(), [](char c) { return c != '.' && (c < '0' || c > '9'); });
  return begin == end ? kUnknown : std::string(begin, end);
}

// "golang-github-containernetworking-plugins (1.9.1+ds1-1) unstable; ..."
std::string package_version(const std::string& folder) {
  return number_in(
      output_of({"/usr/bin/zcat", folder + "/../../share/doc/containernetworking-plugins/changelog.Debian.gz"}));
}

}  // namespace

Json describe_machine() {
  utsname kernel{};
  ::uname(&kernel);
  const double pages = static_cast<double>(::sysconf(_SC_PHYS_PAGES));
  const double gib = pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1U << 30U);
  return {{"cpus", ::sysconf(_SC_NPROCESSORS_ONLN)},
          {"model", value_in("/proc/cpuinfo", "model name", "\t: ")},
          {"memory_gib", std::lround(gib)},
          {"kernel", kernel.release},
          {"system", value_in("/etc/os-release", "PRETTY_NAME", "=")},
          {"store", file_system("/var/lib")}};
}

Json versions(const std::vector<std::string>& sides) {
  Json result{{"footbridge", kUnknown}, {"reference", kUnknown}};
  for (const std::string& side : sides) {
    const std::size_t folder = side.find('=') + 1;
    const std::string path = side.substr(folder, side.find(',', folder) - folder);
    if (side.starts_with("footbridge=")) result["footbridge"] = number_in(output_of({path + "/footbridge", "version"}));
    if (side.starts_with("reference")) result["reference"] = package_version(path);
  }
  return result;
}

}  // namespace bench
