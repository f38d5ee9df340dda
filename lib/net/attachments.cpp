// SPDX-License-Identifier: Apache-2.0
#include "lib/net/attachments.h"

#include <utility>

namespace net {

Attachments::Attachments(std::string network, std::vector<Owner> alive)
    : network_(std::move(network)), owners_(std::move(alive)) {
  for (const Owner& owner : owners_) {
    containers_.insert(owner.container_id);
    comments_.insert(owner.comment());
  }
}

bool Attachments::is_alive(const std::string& container_id, const std::string& ifname) const {
  return comments_.contains(Owner{network_, container_id, ifname}.comment());
}

bool Attachments::is_alive(const std::string& container_id) const { return containers_.contains(container_id); }

bool Attachments::is_abandoned(std::string_view mark) const {
  mark = Owner::without_state(mark);
  if (!Owner::is_of_network(mark, network_) || comments_.contains(mark)) return false;
  const auto owner = Owner::parse(mark);  // an alias may be longer than a comment
  return !owner || !comments_.contains(owner->comment());
}

}  // namespace net
