// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/ipvlan.h"

#include <linux/if_link.h>

#include <array>
#include <utility>

#include "lib/netlink/attributes.h"
#include "lib/netlink/kind/new_link.h"

namespace netlink {
namespace {

using Mode = Ipvlan::Mode;
constexpr std::array<std::pair<std::string_view, Mode>, 3> kModes{
    {{"l2", Mode::l2}, {"l3", Mode::l3}, {"l3s", Mode::l3s}}};

}  // namespace

std::optional<Mode> parse_ipvlan_mode(std::string_view name) {
  for (const auto& [known, mode] : kModes) {
    if (known == name) return mode;
  }
  return std::nullopt;
}

std::string text(Mode mode) {
  for (const auto& [name, known] : kModes) {
    if (known == mode) return std::string(name);
  }
  return std::to_string(static_cast<std::uint16_t>(mode));
}

void put_data(Message& message, const Ipvlan& ipvlan, const NewLink& /*link*/) {
  message.put_u16(IFLA_IPVLAN_MODE, static_cast<std::uint16_t>(ipvlan.mode));
}

std::string text(const Ipvlan& ipvlan, const NewLink& /*link*/) { return " mode " + text(ipvlan.mode); }

std::string failure(const Ipvlan& /*ipvlan*/, const NewLink& link) {
  return "failed to create ipvlan: on " + link.parent.name;
}

Ipvlan parse_ipvlan(const Link& link) {
  return {Mode{Attributes::of_bytes(link.data).u16(IFLA_IPVLAN_MODE).value_or(0)}};
}

}  // namespace netlink
