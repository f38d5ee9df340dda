// SPDX-License-Identifier: Apache-2.0
// The differences that CHECK finds between expected and actual state, reported together.
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

  // Adds "<what>: expected <expected>, found <found>" if they differ.
  void expect(std::string_view what, std::string_view expected, std::string_view found);

  // Every expected address must exist. The link may have more (from a later plugin, or link-local).
  void expect_addresses(std::string_view link, const std::vector<net::Prefix>& expected,
                        const std::vector<net::Prefix>& found);

  // Every destination must have a route: through the given gateway if any, for a default route through any gateway, and
  // in any table (a later plugin may have moved it).
  struct ExpectedRoute {
    net::Prefix dst;
    std::optional<net::Address> gateway;
  };
  void expect_routes(std::string_view link, const std::vector<ExpectedRoute>& expected,
                     const std::vector<netlink::Route>& found);

  // A plan that would restore the expected state: each step is a difference.
  void expect_nothing_to_do(const Plan& plan);

  [[nodiscard]] bool empty() const { return all_.empty(); }
  [[nodiscard]] std::string text() const;  // joined with ", "

 private:
  std::vector<std::string> all_;
};

}  // namespace plan
