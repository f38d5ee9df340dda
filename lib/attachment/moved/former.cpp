// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/moved/former.h"

#include <algorithm>
#include <charconv>

#include "lib/cni/request.h"

namespace attachment {
namespace {

constexpr std::string_view kOwned = "footbridge:";
constexpr std::string_view kWas = "was:";
constexpr std::size_t kLongest = 127;  // ALTIFNAMSIZ less the terminating NUL

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

std::optional<std::string> parse_owner(const std::string& alt_name) {
  std::string mark = replaced(alt_name, ':', '/');
  const bool has_no_room = mark.size() + kOwned.size() > kLongest;
  if (has_no_room && net::Owner::host_end_of(mark)) return mark;
  if (!alt_name.starts_with(kOwned)) return std::nullopt;
  mark.erase(0, kOwned.size());
  return net::Owner::host_end_of(mark) ? std::optional(mark) : std::nullopt;
}

}  // namespace

std::string owner_mark(const net::Owner& owner) {
  const std::string mark = replaced(owner.comment(), '/', ':');
  return mark.size() + kOwned.size() > kLongest ? mark : std::string(kOwned) + mark;
}

std::string state_mark(const net::Owner& owner, const netlink::Link& device) {
  return std::string(kWas) + device.name + ":" + std::to_string(device.mtu) + ":" +
         (device.mac ? replaced(device.mac->text(), ':', '-') : "") + (device.is_up ? ":up:" : ":down:") +
         owner.host_end().text();
}

Former former_of(const netlink::Link& device, const std::string& configured) {
  for (const std::string& name : device.alt_names) {
    if (auto former = parse_state(name)) return *former;
  }
  if (is_name(configured) && !has_alt_name(device, configured)) return {configured};
  return {!find_owner(device) && is_reference_alias(device.alias) ? device.alias : device.name};
}

std::optional<std::string> find_owner(const netlink::Link& device) {
  for (const std::string& name : device.alt_names) {
    if (auto mark = parse_owner(name)) return mark;
  }
  return std::nullopt;
}

bool is_named(const netlink::Link& device, const std::string& name) {
  const bool is_stranded = find_owner(device) && former_of(device, "").name == name;
  return is_stranded || device.name == name || has_alt_name(device, name);
}

std::string parse_device(const cni::Fields& fields, std::string_view key) {
  std::string name = fields.text_or(key, "");
  if (name.size() <= kLongest && name.find_first_of("/ \t\n\v\f\r") == std::string::npos) return name;
  throw fields.error(key, "a name or an alternative name of 1 to 127 bytes without / or white space");
}

bool has_alt_name(const netlink::Link& link, const std::string& name) {
  return std::find(link.alt_names.begin(), link.alt_names.end(), name) != link.alt_names.end();
}

bool is_reference_alias(const std::string& alias) { return is_name(alias); }

bool is_mark(const std::string& alt_name) { return parse_state(alt_name) || parse_owner(alt_name); }

}  // namespace attachment
