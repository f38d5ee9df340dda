// SPDX-License-Identifier: Apache-2.0
// What CHECK compares: expected against found, all differences told together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/prefix.h"
#include "lib/netlink/route.h"
#include "lib/plan/plan.h"
#include "lib/ruleset/table.h"

namespace plan {

class Differences {
 public:
  void add(std::string difference) { all_.push_back(std::move(difference)); }

  // "<what>: expected <expected>, found <found>" unless they are equal.
  void expect(std::string_view what, std::string_view expected, std::string_view found);

  // Every address must be among those found; the link may have more (a later plugin, the kernel's link-local one).
  void expect_addresses(std::string_view link, const std::vector<net::Prefix>& expected,
                        const std::vector<net::Prefix>& found);

  // Every destination must be routed by the link: by the gateway if one is given, by any one for a default route, in any
  // table (a later plugin may have moved it).
  struct ExpectedRoute {
    net::Prefix dst;
    std::optional<net::Address> gateway;
  };
  void expect_routes(std::string_view link, const std::vector<ExpectedRoute>& expected,
                     const std::vector<netlink::Route>& found);

  // A plan that would make things right: each of its steps is a difference.
  void expect_nothing_to_do(const Plan& plan);

  [[nodiscard]] bool empty() const { return all_.empty(); }
  [[nodiscard]] std::string text() const;  // joined with ", "

 private:
  std::vector<std::string> all_;
};

}  // namespace plan
