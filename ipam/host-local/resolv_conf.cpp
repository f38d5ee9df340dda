// SPDX-License-Identifier: Apache-2.0
#include "ipam/host-local/resolv_conf.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <vector>

#include "lib/cni/error.h"
#include "lib/net/words.h"

namespace host_local {
namespace {

constexpr std::size_t kLargest = 1U << 20U;

cni::Error unreadable(const std::string& path, const std::string& why) {
  return {cni::kBadConfiguration, "open " + path + ": " + why,
          "ipam.resolvConf must be the path of a resolv.conf file of at most 1 MiB"};
}

}  // namespace

cni::Dns parse_resolv_conf(std::string_view text) {
  cni::Dns dns;
  for (const std::string_view line : net::lines(text)) {
    const std::vector<std::string_view> words = net::words(line);
    if (words.size() < 2 || words[0].starts_with('#') || words[0].starts_with(';')) continue;
    if (words[0] == "nameserver") dns.nameservers.emplace_back(words[1]);
    if (words[0] == "domain") dns.domain = words[1];
    if (words[0] == "search") dns.search.insert(dns.search.end(), words.begin() + 1, words.end());
    if (words[0] == "options") dns.options.insert(dns.options.end(), words.begin() + 1, words.end());
  }
  return dns;
}

cni::Dns read_resolv_conf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw unreadable(path, std::generic_category().message(errno));
  // Opening a fifo blocks, and opening a device may have an effect. O_NONBLOCK: some regular files of the kernel
  // (tracing) block too, and the file may have been replaced since stat(2).
  if (!S_ISREG(status.st_mode)) throw unreadable(path, "it is not a regular file");
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) throw unreadable(path, std::generic_category().message(errno));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(fd, "rb"), std::fclose);
  if (!file) throw unreadable(path, std::generic_category().message(errno));
  std::string content(kLargest + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0) throw unreadable(path, std::generic_category().message(errno));
  if (content.size() > kLargest) throw unreadable(path, "it is too large");
  return parse_resolv_conf(content);
}

}  // namespace host_local
