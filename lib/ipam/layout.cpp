// SPDX-License-Identifier: Apache-2.0
#include "lib/ipam/layout.h"

#include <algorithm>

namespace ipam {
namespace {

constexpr std::string_view kLineBreak = "\r\n";

bool is_word(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value <= ' ' || value == 0x7f || value == '/';
  });
}

}  // namespace

std::string hint_name(std::size_t set) { return "last_reserved_ip." + std::to_string(set); }

std::optional<net::Address> parse_name(const std::string& name) {
  const auto address = net::Address::parse(name);
  return address && address->text() == name ? address : std::nullopt;
}

std::string content_of(const Owner& owner) { return owner.container_id + std::string(kLineBreak) + owner.ifname; }

std::string_view trimmed(std::string_view content) {
  constexpr std::string_view kWhite = " \t\r\n\v\f";
  const std::size_t first = content.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return content.substr(first, content.find_last_not_of(kWhite) - first + 1);
}

std::optional<Owner> parse_owner(std::string_view trimmed_content) {
  const std::size_t end = trimmed_content.find(kLineBreak);
  const std::string_view id = trimmed_content.substr(0, end);
  const std::string_view ifname =
      end == std::string_view::npos ? std::string_view() : trimmed_content.substr(end + kLineBreak.size());
  if (id.empty() || !is_word(id) || !is_word(ifname)) return std::nullopt;
  return Owner{std::string(id), std::string(ifname)};
}

}  // namespace ipam
