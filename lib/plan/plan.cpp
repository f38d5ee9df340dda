// SPDX-License-Identifier: Apache-2.0
#include "lib/plan/plan.h"

#include <algorithm>
#include <utility>

namespace plan {
namespace {

std::string line(const LinkChange& change) {
  return std::visit([](const auto& one) { return netlink::text(one); }, change);
}

std::string line(const sysctl::Setting& setting) { return sysctl::text(setting); }

std::string line(const ruleset::Change& change) {
  return "nft " + std::visit([](const auto& one) { return text(one); }, change);
}

// True if the kernel rejects the change when what it adds exists already.
bool is_exclusive(const ruleset::Change& change) {
  const auto* conditions = std::get_if<ruleset::AddConditions>(&change);
  const auto* admin = std::get_if<ruleset::AddAdminChain>(&change);
  return std::holds_alternative<ruleset::AddElement>(change) || (admin != nullptr && !admin->has_chain) ||
         (conditions != nullptr && !conditions->has_map);
}

}  // namespace

bool Plan::changes_links() const {
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& step) { return std::holds_alternative<LinkChange>(step.what); });
}

void guard(Plan& plan, std::uint32_t generation) {
  for (const Step& step : plan.steps) {
    const auto* change = std::get_if<ruleset::Change>(&step.what);
    if (change != nullptr && !is_exclusive(*change)) plan.generation = generation;
  }
}

void append(Plan& plan, Plan more) {
  for (Step& step : more.steps) plan.steps.push_back(std::move(step));
  if (!plan.generation) plan.generation = more.generation;
}

std::string text(const Plan& plan) {
  std::string result;
  for (const Step& step : plan.steps) {
    if (step.where == Where::container) result += "container: ";
    result += std::visit([](const auto& what) { return line(what); }, step.what) + "\n";
  }
  return result;
}

}  // namespace plan
