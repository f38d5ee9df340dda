#include "ipam/host-local/resolv_conf.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "lib/cni/error.h"

namespace host_local {
namespace {

constexpr std::size_t kLargest = 1U << 20U;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

cni::Error unreadable(const std::string& path, const std::string& why) {
  return {cni::kBadConfiguration, "open " + path + ": " + why,
          "ipam.resolvConf must be the path of a resolv.conf file of at most 1 MiB"};
}

}  // namespace

cni::Dns parse_resolv_conf(std::string_view text) {
  cni::Dns dns;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 2 || words[0].starts_with('#') || words[0].starts_with(';')) continue;
    if (words[0] == "nameserver") dns.nameservers.push_back(words[1]);
    if (words[0] == "domain") dns.domain = words[1];
    if (words[0] == "search") dns.search.insert(dns.search.end(), words.begin() + 1, words.end());
    if (words[0] == "options") dns.options.insert(dns.options.end(), words.begin() + 1, words.end());
  }
  return dns;
}

cni::Dns read_resolv_conf(const std::string& path) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);  // a fifo would keep us waiting for ever
  if (failed) throw unreadable(path, failed.message());
  if (!std::filesystem::is_regular_file(status)) throw unreadable(path, "it is no regular file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw unreadable(path, std::generic_category().message(errno));
  std::string content(kLargest + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) throw unreadable(path, std::generic_category().message(errno));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > kLargest) throw unreadable(path, "it is too large");
  return parse_resolv_conf(content);
}

}  // namespace host_local
