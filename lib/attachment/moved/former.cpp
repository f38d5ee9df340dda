// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/moved/former.h"

#include <algorithm>
#include <charconv>

#include "lib/cni/request.h"

namespace attachment {
namespace {

constexpr std::string_view kWas = "was:";

std::string replaced(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

bool is_name(const std::string& text) { return net::IfName::flaw(text).empty(); }

std::optional<Former> parse_state(const std::string& mark) {
  constexpr std::size_t kParts = 6;
  const std::vector<std::string> parts = cni::split(mark, ':');
  if (!mark.starts_with(kWas) || parts.size() != kParts || !is_name(parts[1])) return std::nullopt;
  Former former{parts[1]};
  std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), former.mtu);
  former.mac = net::Mac::parse(parts[3]);
  former.is_up = parts[4] == "up";
  return former;
}

}  // namespace

std::string owner_mark(const net::Owner& owner) { return replaced(owner.comment(), '/', ':'); }

std::string state_mark(const net::Owner& owner, const netlink::Link& device) {
  return std::string(kWas) + device.name + ":" + std::to_string(device.mtu) + ":" +
         (device.mac ? replaced(device.mac->text(), ':', '-') : "") + (device.is_up ? ":up:" : ":down:") +
         owner.host_end().text();
}

std::optional<Former> parse_former(const netlink::Link& device) {
  for (const std::string& name : device.alt_names) {
    if (auto former = parse_state(name)) return former;
  }
  return is_name(device.alias) ? std::optional(Former{device.alias}) : std::nullopt;
}

std::optional<std::string> find_owner(const netlink::Link& device) {
  for (const std::string& name : device.alt_names) {
    std::string mark = replaced(name, ':', '/');
    if (net::Owner::host_end_of(mark)) return mark;
  }
  return std::nullopt;
}

bool is_stranded(const netlink::Link& device, const std::string& name) {
  const auto former = parse_former(device);
  return former && former->name == name && find_owner(device);
}

bool is_mark(const std::string& alt_name) {
  return parse_state(alt_name) || net::Owner::host_end_of(replaced(alt_name, ':', '/'));
}

}  // namespace attachment
