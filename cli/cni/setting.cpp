// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/setting.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <stdexcept>

#include "cli/cni/port_option.h"
#include "lib/cni/request.h"
#include "lib/net/mac.h"
#include "lib/net/prefix.h"
#include "lib/os/error.h"

namespace cli {
namespace {

std::string first_of(const std::string& option, const char* variable, const char* fallback) {
  if (!option.empty()) return option;
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): no thread changes the environment
  return value != nullptr && *value != '\0' ? value : fallback;
}

std::string own_folder() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length < 0) throw os::last_error("find the folder of this executable");
  const std::string file(path.data(), static_cast<std::size_t>(length));
  return file.substr(0, file.rfind('/'));
}

// Addresses with or without a prefix length: the convention for "ips" allows both.
cni::Json checked_ips(const std::vector<std::string>& ips) {
  cni::Json list = cni::Json::array();
  for (const std::string& ip : ips) {
    if (!net::Address::parse(ip) && !net::Prefix::parse(ip)) {
      throw std::invalid_argument("--ip " + ip + ": not an IP address; allowed: ADDRESS or ADDRESS/LENGTH");
    }
    list.push_back(ip);
  }
  return list;
}

}  // namespace

std::string conf_path(const AttachOptions& options) { return first_of(options.conf, "NETCONFPATH", "/etc/cni/net.d"); }

std::string cache_folder(const AttachOptions& options) {
  return first_of(options.cache_folder, "FOOTBRIDGE_CACHE", "/var/lib/cni");
}

std::vector<std::string> plugin_folders(const AttachOptions& options) {
  if (!options.plugins.empty()) return options.plugins;
  const std::string path = first_of("", "CNI_PATH", "");
  return path.empty() ? std::vector<std::string>{own_folder()} : cni::split(path, ':');
}

Attachment attachment_of(const AttachOptions& options) {
  Attachment attachment;
  attachment.netns = netns_path(options.netns);
  attachment.container_id =
      options.container_id.empty() ? default_container_id(attachment.netns) : options.container_id;
  attachment.ifname = options.ifname;
  attachment.args = options.args;
  for (const std::string& port : options.ports) {
    attachment.capabilities["portMappings"].push_back(describe(parse_port_option(port)));
  }
  if (!options.ips.empty()) attachment.capabilities["ips"] = checked_ips(options.ips);
  if (!options.mac.empty() && !net::Mac::parse(options.mac)) {
    throw std::invalid_argument("--mac " + options.mac + ": not a MAC address; allowed: 0a:00:00:00:00:01");
  }
  if (!options.mac.empty()) attachment.capabilities["mac"] = options.mac;
  validate(attachment);
  return attachment;
}

}  // namespace cli
