// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/macvlan.h"

#include <linux/if_link.h>

#include <array>
#include <utility>

#include "lib/netlink/attributes.h"
#include "lib/netlink/kind/new_link.h"

namespace netlink {
namespace {

using Mode = Macvlan::Mode;
constexpr std::array<std::pair<std::string_view, Mode>, 4> kModes{
    {{"private", Mode::private_}, {"vepa", Mode::vepa}, {"bridge", Mode::bridge}, {"passthru", Mode::passthru}}};

}  // namespace

std::optional<Mode> parse_macvlan_mode(std::string_view name) {
  for (const auto& [known, mode] : kModes) {
    if (known == name) return mode;
  }
  return std::nullopt;
}

std::string text(Mode mode) {
  for (const auto& [name, known] : kModes) {
    if (known == mode) return std::string(name);
  }
  return std::to_string(static_cast<std::uint32_t>(mode));
}

void put_data(Message& message, const Macvlan& macvlan, const NewLink& /*link*/) {
  message.put_u32(IFLA_MACVLAN_MODE, static_cast<std::uint32_t>(macvlan.mode));
  if (macvlan.broadcast_queue != 0) message.put_u32(IFLA_MACVLAN_BC_QUEUE_LEN, macvlan.broadcast_queue);
}

std::string text(const Macvlan& macvlan, const NewLink& /*link*/) {
  const std::string words = " mode " + text(macvlan.mode);
  return macvlan.broadcast_queue == 0 ? words : words + " bcqueuelen " + std::to_string(macvlan.broadcast_queue);
}

std::string failure(const Macvlan& /*macvlan*/, const NewLink& link) {
  return "failed to create macvlan: on " + link.parent.name;
}

Macvlan parse_macvlan(const Link& link) {
  const Attributes data = Attributes::of_bytes(link.data);
  return {Mode{data.u32(IFLA_MACVLAN_MODE).value_or(0)}, data.u32(IFLA_MACVLAN_BC_QUEUE_LEN).value_or(0)};
}

}  // namespace netlink
