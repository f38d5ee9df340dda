// SPDX-License-Identifier: Apache-2.0
// The attachments of one network that a runtime knows to be alive. Everything else of that network is abandoned, and GC
// collects it (SPEC.md, "GC").
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/owner.h"

namespace net {

class Attachments {
 public:
  // Every owner in `alive` must be of `network`.
  Attachments(std::string network, std::vector<Owner> alive);

  [[nodiscard]] const std::string& network() const { return network_; }
  [[nodiscard]] const std::vector<Owner>& owners() const { return owners_; }  // that are alive

  [[nodiscard]] bool is_alive(const std::string& container_id, const std::string& ifname) const;
  [[nodiscard]] bool is_alive(const std::string& container_id) const;  // by whatever interface

  // Is that an Owner::alias(), unfinished or not, or an Owner::comment() of an attachment of this network that is not alive?
  // false for what is another network's and for what is not ours.
  [[nodiscard]] bool is_abandoned(std::string_view mark) const;

 private:
  std::string network_;
  std::vector<Owner> owners_;
  std::set<std::string, std::less<>> containers_;
  std::set<std::string, std::less<>> comments_;
};

}  // namespace net
