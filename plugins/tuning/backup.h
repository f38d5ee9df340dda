// SPDX-License-Identifier: Apache-2.0
// What a link was like before ADD, as text: the reference's JSON, byte for byte, with one key more that it does not look at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/owner.h"
#include "plugins/tuning/attributes.h"

namespace tuning {

// Which link it was: of no other link until the machine starts again.
struct LinkId {
  std::uint64_t netns = 0;  // netlink::Socket::netns_cookie()
  std::uint32_t index = 0;
  friend bool operator==(const LinkId&, const LinkId&) = default;
};
struct Backup {
  Attributes previous;
  std::optional<net::Owner> owner;  // nullopt in the reference's, as the next
  std::optional<LinkId> link;

  // Is it that attachment's? The reference's says nothing, and is whose the file's name says.
  [[nodiscard]] bool may_be_of(const net::Owner& other) const {
    return !owner || (owner->container_id == other.container_id && owner->ifname == other.ifname);
  }
};

std::string text(const Backup& backup);

// nullopt for what is no backup. Single values that make no sense are left out.
std::optional<Backup> parse_backup(std::string_view text);

}  // namespace tuning
