// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/attachment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "lib/cni/request.h"
#include "lib/net/ifname.h"

namespace cli {
namespace {

constexpr std::array<std::string_view, 2> kNetnsFolders{"/run/netns/", "/var/run/netns/"};

bool may_stand_in_identifier(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' ||
         byte == '.' || byte == '-';
}

}  // namespace

void validate(const Attachment& attachment) {
  if (!cni::is_identifier(attachment.container_id)) {
    throw cni::Error(cni::kBadEnvironment, "\"" + attachment.container_id + "\" is no container id",
                     "allowed: letters, digits, _ . -, the first a letter or digit");
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
      id.begin(), id.end(), [](char byte) { return !may_stand_in_identifier(byte); }, '-');
  return id;
}

}  // namespace cli
