// SPDX-License-Identifier: Apache-2.0
// The living attachments of one network, as the runtime reports them. All others of that network are abandoned, and GC
// deletes them (SPEC.md, "GC").
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
  [[nodiscard]] const std::vector<Owner>& owners() const { return owners_; }  // the living ones

  [[nodiscard]] bool is_alive(const std::string& container_id, const std::string& ifname) const;
  [[nodiscard]] bool is_alive(const std::string& container_id) const;  // with any interface

  // Is the mark an Owner::alias(), unfinished or not, or an Owner::comment() of an attachment of this network that is
  // not alive? False for other networks and foreign marks.
  [[nodiscard]] bool is_abandoned(std::string_view mark) const;

 private:
  std::string network_;
  std::vector<Owner> owners_;
  std::set<std::string, std::less<>> containers_;
  std::set<std::string, std::less<>> comments_;
};

}  // namespace net
