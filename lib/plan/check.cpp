// SPDX-License-Identifier: Apache-2.0
#include "lib/plan/check.h"

#include <algorithm>

namespace plan {
namespace {

template <class List, class Text>
std::string listed(const List& list, const Text& text) {
  std::string result;
  for (const auto& one : list) result += (result.empty() ? "" : ", ") + text(one);
  return result.empty() ? "none" : result;
}

}  // namespace

void Differences::expect(std::string_view what, std::string_view expected, std::string_view found) {
  if (expected == found) return;
  add(std::string(what) + ": expected " + std::string(expected) + ", found " + std::string(found));
}

void Differences::expect_addresses(std::string_view link, const std::vector<net::Prefix>& expected,
                                   const std::vector<net::Prefix>& found) {
  for (const net::Prefix& address : expected) {
    if (std::find(found.begin(), found.end(), address) != found.end()) continue;
    add("Failed to match addr " + address.text() + " on interface " + std::string(link) + ": found " +
        listed(found, [](const net::Prefix& one) { return one.text(); }));
  }
}

void Differences::expect_routes(std::string_view link, const std::vector<ExpectedRoute>& expected,
                                const std::vector<netlink::Route>& found) {
  for (const ExpectedRoute& route : expected) {
    const bool is_there = std::any_of(found.begin(), found.end(), [&](const netlink::Route& one) {
      if (one.dst != route.dst.network()) return false;
      return route.dst.is_any() || !route.gateway || one.gateway == route.gateway;
    });
    if (is_there) continue;
    add("Expected Route " + route.dst.text() + (route.gateway ? " via " + route.gateway->text() : "") +
        " not found in routing table: " + std::string(link) + " has " + listed(found, [](const netlink::Route& one) {
          return one.dst.text() + (one.gateway ? " via " + one.gateway->text() : "");
        }));
  }
}

void Differences::expect_nothing_to_do(const Plan& plan) {
  for (const Step& step : plan.steps) {
    Plan one;
    one.steps.push_back(step);
    std::string line = plan::text(one);
    line.pop_back();  // the newline
    add("missing: " + line);
  }
}

std::string Differences::text() const {
  return listed(all_, [](const std::string& one) { return one; });
}

}  // namespace plan
