// SPDX-License-Identifier: Apache-2.0
// A link's attributes before ADD, as text: the reference's JSON, byte for byte, plus one key that the reference
// ignores.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/owner.h"
#include "plugins/tuning/attributes.h"

namespace tuning {

// Identifies the link. No other link has the same values until the next reboot.
struct LinkId {
  std::uint64_t netns = 0;  // netlink::Socket::netns_cookie()
  std::uint32_t index = 0;
  friend bool operator==(const LinkId&, const LinkId&) = default;
};
struct Backup {
  Attributes previous;
  std::optional<net::Owner> owner;  // nullopt in a backup of the reference, as the next
  std::optional<LinkId> link;

  // Can it be the backup of that attachment? A backup of the reference names no owner; its file's name does.
  [[nodiscard]] bool may_be_of(const net::Owner& other) const {
    return !owner || (owner->container_id == other.container_id && owner->ifname == other.ifname);
  }
};

std::string text(const Backup& backup);

// nullopt if the text is not a backup. Invalid values are skipped.
std::optional<Backup> parse_backup(std::string_view text);

}  // namespace tuning
