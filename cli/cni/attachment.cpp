// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/attachment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/cni/conflist.h"
#include "lib/cni/request.h"
#include "lib/net/ifname.h"

namespace cli {
namespace {

constexpr std::array<std::string_view, 2> kNetnsFolders{"/run/netns/", "/var/run/netns/"};

bool is_identifier_character(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' ||
         byte == '.' || byte == '-';
}

// The value of a key of CNI_ARGS; "" if it is absent.
std::string value_of(const std::string& args, const std::string& key) {
  for (const std::string& pair : cni::split(args, ';')) {
    if (pair.starts_with(key + "=")) return pair.substr(key.size() + 1);
  }
  return "";
}

}  // namespace

std::string Attachment::pod() const {
  const std::string name = value_of(args, "K8S_POD_NAME");
  const std::string space = value_of(args, "K8S_POD_NAMESPACE");
  return name.empty() || space.empty() ? name : space + "/" + name;
}

std::string short_id(const std::string& container_id) {
  constexpr std::size_t kLongest = 32;
  const bool is_random = container_id.find_first_not_of("0123456789abcdef") == std::string::npos;
  return container_id.size() > kLongest && is_random ? container_id.substr(0, kShortId) : container_id;
}

void validate(const Attachment& attachment) {
  if (!cni::is_identifier(attachment.container_id)) {
    throw cni::Error(cni::kBadEnvironment, "container id \"" + attachment.container_id + "\" is not allowed",
                     std::string("allowed: ") + kIdentifierRule);
  }
  const std::string_view flaw = net::IfName::flaw(attachment.ifname);
  if (!flaw.empty()) throw cni::Error(cni::kBadEnvironment, std::string(flaw), "--ifname " + attachment.ifname);
}

std::string netns_path(const std::string& name_or_path) {
  if (name_or_path.empty() || name_or_path.find('/') != std::string::npos) return name_or_path;
  for (const std::string_view folder : kNetnsFolders) {
    std::string path = std::string(folder) + name_or_path;
    if (::access(path.c_str(), F_OK) == 0) return path;
  }
  return std::string(kNetnsFolders.front()) + name_or_path;
}

std::string default_container_id(const std::string& netns_path) {
  std::string_view name = netns_path;
  for (const std::string_view folder : kNetnsFolders) {
    if (name.starts_with(folder)) name.remove_prefix(folder.size());
  }
  if (name.starts_with('/')) name.remove_prefix(1);
  constexpr std::string_view kPrefix = "footbridge-";
  std::string id = (name.starts_with(kPrefix) ? "" : std::string(kPrefix)) + std::string(name);
  std::replace_if(
      id.begin(), id.end(), [](char byte) { return !is_identifier_character(byte); }, '-');
  return id;
}

}  // namespace cli
