// SPDX-License-Identifier: Apache-2.0
#include "cli/show/used_addresses.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "lib/net/words.h"
#include "lib/netlink/address.h"
#include "lib/netlink/link.h"
#include "lib/netns/netns.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace cli {
namespace {

constexpr std::size_t kMostMounts = 64U << 20U;  // bytes of mountinfo

bool is_gone(int error) { return error == ENOENT || error == ESRCH || error == ENOTDIR; }

bool is_first_pid_namespace() {
  constexpr ino_t kFirst = 0xeffffffc;  // PROC_PID_INIT_INO, linux/proc_ns.h
  struct stat status {};
  return ::stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == kFirst;
}

std::vector<std::string> namespaces_of_processes() {
  std::vector<std::string> paths;
  const os::Fd proc = os::open_file("/proc", O_RDONLY | O_DIRECTORY);
  os::for_each_entry(proc.get(), [&](const std::string& name) {
    if (name.find_first_not_of("0123456789") == std::string::npos) paths.push_back("/proc/" + name + "/ns/net");
  });
  return paths;
}

// A space in a mount point is written as \040.
std::string unescaped(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string digits = text[at] == '\\' ? text.substr(at + 1, 3) : "";
    if (digits.size() == 3 && digits.find_first_not_of("01234567") == std::string::npos) {
      result += static_cast<char>(std::stoi(digits, nullptr, 8));
      at += 3;
    } else {
      result += text[at];
    }
  }
  return result;
}

void observe_addresses(netlink::Socket& socket, std::set<net::Address>& addresses) {
  for (const net::Prefix& one : netlink::observe_addresses(socket, 0)) addresses.insert(one.address);
}

class Search {
 public:
  void read(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      if (!is_gone(errno)) fail(path, os::error_text(errno));
      return;
    }
    if (!seen_.insert({status.st_dev, status.st_ino}).second) return;
    try {
      if (const auto netns = netns::Netns::open(path)) read(*netns);
    } catch (const netns::NotNetns&) {  // NOLINT(bugprone-empty-catch): another file system is mounted over it
    } catch (const std::system_error& error) {
      if (!is_gone(error.code().value())) fail(path, error.what());
    }
  }

  [[nodiscard]] UsedAddresses found() && { return std::move(found_); }

 private:
  void read(const netns::Netns& netns) {
    const netns::Entered entered(netns);
    netlink::Socket socket(NETLINK_ROUTE);
    observe_addresses(socket, found_.addresses);
    for (const netlink::Link& link : netlink::observe_links(socket)) {
      if (const auto alias = net::Owner::parse_alias(link.alias)) found_.owners.push_back(alias->owner);
    }
  }

  // Process 1 may be closed even to root. It is in the host's namespace, where no container is.
  void fail(const std::string& path, const std::string& why) {
    if (path != "/proc/1/ns/net") found_.unseen.push_back(path + ": " + why);
  }

  std::set<std::pair<dev_t, ino_t>> seen_;
  UsedAddresses found_;
};

}  // namespace

std::vector<std::string> parse_mountinfo(const std::string& mountinfo) {
  std::vector<std::string> paths;
  for (const std::string_view line : net::lines(mountinfo)) {
    const std::vector<std::string_view> fields = net::words(line);  // the fourth is the root, the fifth the mount point
    if (fields.size() >= 5 && fields[3].starts_with("net:[")) paths.push_back(unescaped(std::string(fields[4])));
  }
  return paths;
}

UsedAddresses observe_used_addresses() {
  Search search;
  for (const std::string& path : namespaces_of_processes()) search.read(path);
  const std::string mounts = os::read_file("/proc/self/mountinfo", kMostMounts).value_or("");
  for (const std::string& path : parse_mountinfo(mounts)) search.read(path);
  UsedAddresses used = std::move(search).found();
  netlink::Socket socket(NETLINK_ROUTE);
  observe_addresses(socket, used.own);
  used.sees_all_processes = is_first_pid_namespace();
  return used;
}

}  // namespace cli
