// What a link was like before ADD, as text: the reference's JSON, byte for byte, with one key more that it does not look at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/owner.h"
#include "lib/netlink/link.h"
#include "plugins/tuning/attributes.h"

namespace tuning {

// Which link it was: its index, and that of its peer, which for a veth is of no other link until the machine starts again.
struct LinkId {
  std::uint32_t index = 0;
  std::uint32_t peer = 0;
  friend bool operator==(const LinkId&, const LinkId&) = default;
};
LinkId id_of(const netlink::Link& link);

struct Backup {
  Attributes previous;
  std::optional<net::Owner> owner;  // nullopt in the reference's, as the next
  std::optional<LinkId> link;

  // May the values be that link's? One that says nothing may be of any.
  [[nodiscard]] bool may_be_of(const netlink::Link& other) const { return !link || *link == id_of(other); }
};

std::string text(const Backup& backup);

// nullopt for what is no backup. Single values that make no sense are left out.
std::optional<Backup> parse_backup(std::string_view text);

}  // namespace tuning
