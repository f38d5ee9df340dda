// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/attributes.h"

namespace tuning {
namespace {

template <typename Value>
std::optional<Value> either(const std::optional<Value>& first, const std::optional<Value>& second) {
  return first ? first : second;
}

template <typename Value>
std::optional<Value> if_wanted(const Value& value, bool is_wanted) {
  return is_wanted ? std::optional(value) : std::nullopt;
}

}  // namespace

bool Attributes::empty() const { return *this == Attributes(); }

Attributes values_of(const netlink::Link& link, const Attributes& wanted) {
  return {wanted.mac ? link.mac : std::nullopt, if_wanted(link.is_promiscuous, wanted.promiscuous.has_value()),
          if_wanted(link.mtu, wanted.mtu.has_value()),
          if_wanted(link.is_all_multicast, wanted.all_multicast.has_value()),
          if_wanted(link.tx_queue_length, wanted.tx_queue_length.has_value())};
}

Attributes merged(const Attributes& first, const Attributes& second) {
  return {either(first.mac, second.mac), either(first.promiscuous, second.promiscuous), either(first.mtu, second.mtu),
          either(first.all_multicast, second.all_multicast), either(first.tx_queue_length, second.tx_queue_length)};
}

netlink::SetLink change_of(const netlink::SetLink& link, const Attributes& attributes) {
  netlink::SetLink change = link;
  change.mac = attributes.mac;
  change.promiscuous = attributes.promiscuous;
  change.mtu = attributes.mtu;
  change.all_multicast = attributes.all_multicast;
  change.tx_queue_length = attributes.tx_queue_length;
  return change;
}

std::vector<netlink::SetLink> changes_of(const netlink::SetLink& link, const Attributes& attributes) {
  std::vector<netlink::SetLink> changes;
  for (const Attributes& one :
       {Attributes{.mac = attributes.mac}, Attributes{.promiscuous = attributes.promiscuous},
        Attributes{.mtu = attributes.mtu}, Attributes{.all_multicast = attributes.all_multicast},
        Attributes{.tx_queue_length = attributes.tx_queue_length}}) {
    if (!one.empty()) changes.push_back(change_of(link, one));
  }
  return changes;
}

}  // namespace tuning
