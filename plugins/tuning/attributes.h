// SPDX-License-Identifier: Apache-2.0
// Attributes of a link that the tuning plugin changes. An attribute without a value is left alone.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/net/mac.h"
#include "lib/netlink/link.h"

namespace tuning {

struct Attributes {
  std::optional<net::Mac> mac = {};
  std::optional<bool> promiscuous = {};
  std::optional<std::uint32_t> mtu = {};  // bytes
  std::optional<bool> all_multicast = {};
  std::optional<std::uint32_t> tx_queue_length = {};  // packets

  [[nodiscard]] bool empty() const;
  friend bool operator==(const Attributes&, const Attributes&) = default;
};

// The link's current values of the attributes that `wanted` contains.
Attributes values_of(const netlink::Link& link, const Attributes& wanted);

// All attributes of `first`, and those of `second` that `first` lacks.
Attributes merged(const Attributes& first, const Attributes& second);

// One change with all attributes, and one change for each attribute. `link` identifies the link, by index if it has
// one.
netlink::SetLink change_of(const netlink::SetLink& link, const Attributes& attributes);
std::vector<netlink::SetLink> changes_of(const netlink::SetLink& link, const Attributes& attributes);

}  // namespace tuning
