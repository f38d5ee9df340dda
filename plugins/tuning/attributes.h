// SPDX-License-Identifier: Apache-2.0
// What tuning changes of a link: each attribute that is meant, and no other.
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

// The link's own value of each attribute that is in `meant`.
Attributes values_of(const netlink::Link& link, const Attributes& meant);

// All that is in `first`, and what only `second` has.
Attributes merged(const Attributes& first, const Attributes& second);

// One change with all of them, and one for each of them. link: what is changed, by its index if it has one.
netlink::SetLink change_of(const netlink::SetLink& link, const Attributes& attributes);
std::vector<netlink::SetLink> changes_of(const netlink::SetLink& link, const Attributes& attributes);

}  // namespace tuning
