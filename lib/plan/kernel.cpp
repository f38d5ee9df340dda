// SPDX-License-Identifier: Apache-2.0
#include "lib/plan/kernel.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "lib/log/log.h"
#include "lib/net/words.h"
#include "lib/netlink/closing.h"
#include "lib/os/detached.h"
#include "lib/os/error.h"
#include "lib/plan/advertisements.h"

namespace plan {
namespace {

netns::Netns open_netns(const std::string& path) {
  const std::string what = "failed to open netns \"" + path + "\": ";
  try {
    auto netns = netns::Netns::open(path);
    if (netns) return std::move(*netns);
  } catch (const netns::NotNetns& error) {
    throw os::error(EINVAL, what + error.what());
  }
  throw netns::Missing(what + "failed to Statfs \"" + path + "\"", path);
}

void record(const Plan& plan) {
  const std::string lines = text(plan);
  for (const std::string_view line : net::lines(lines)) logging::record_action(line);
}

bool removes(const ruleset::Change& change) {
  return !std::holds_alternative<ruleset::AddElement>(change) && !std::holds_alternative<foreign::AddAccept>(change) &&
         !std::holds_alternative<ruleset::AddConditions>(change) &&
         !std::holds_alternative<ruleset::AddAdminChain>(change);
}

// The number of consecutive sysctl steps in one namespace, starting at `first`.
std::size_t count_settings(const Plan& plan, std::size_t first) {
  const auto is_other = [&](const Step& step) {
    return step.where != plan.steps[first].where || !std::holds_alternative<sysctl::Setting>(step.what);
  };
  const auto begin = plan.steps.begin() + static_cast<std::ptrdiff_t>(first);
  return static_cast<std::size_t>(std::find_if(begin, plan.steps.end(), is_other) - begin);
}

// The plan's only step besides nft changes, if that deletes a link of the host: no later step needs the link's name.
const netlink::DeleteLink* only_deletion(const Plan& plan) {
  const netlink::DeleteLink* found = nullptr;
  for (const Step& step : plan.steps) {
    if (std::holds_alternative<ruleset::Change>(step.what)) continue;
    const auto* link = std::get_if<LinkChange>(&step.what);
    const auto* deletion = link == nullptr ? nullptr : std::get_if<netlink::DeleteLink>(link);
    if (deletion == nullptr || found != nullptr || step.where != Where::host) return nullptr;
    found = deletion;
  }
  return found;
}

// Repeats the step as long as other processes change the ruleset during it.
template <class Step>
void retry_if_raced(const Step& step) {
  constexpr int kTries = 100;
  for (int left = kTries - 1;; --left) {
    try {
      return step();
    } catch (const nft::Raced& raced) {
      if (left == 0) throw os::error(EAGAIN, std::string("table inet footbridge kept changing: ") + raced.what());
    }
  }
}

}  // namespace

Kernel::Container Kernel::enter(netns::Netns netns) {
  netns::Netns home = netns::Netns::current();
  std::optional<netns::Entered> entered(std::in_place, netns, home);
  netlink::Socket socket(NETLINK_ROUTE);
  entered.reset();  // before `home` is moved
  return {std::move(home), std::move(netns), std::move(socket)};
}

Kernel::Kernel() : host_(NETLINK_ROUTE) {}

Kernel::Kernel(const std::string& netns) : host_(NETLINK_ROUTE), container_(enter(open_netns(netns))) {}

Kernel::Kernel(Kernel&& other) noexcept
    : host_(std::move(other.host_)),
      container_(std::move(other.container_)),
      has_removed_(other.has_removed_),
      netfilter_(std::exchange(other.netfilter_, std::nullopt)) {}

Kernel::~Kernel() {
  if (netfilter_) netlink::close_deferred(std::move(*netfilter_), has_removed_);
}

Kernel Kernel::with_netns_if_present(const std::string& netns) {
  Kernel kernel;
  if (netns.empty()) return kernel;
  try {
    auto opened = netns::Netns::open(netns);
    if (opened) kernel.container_ = enter(std::move(*opened));
  } catch (const std::exception&) {
    // A stale file, a dead mount or no permission: DEL cannot act inside, but can delete everything from the host's
    // side.
  }
  return kernel;
}

std::optional<Kernel> Kernel::unless_gone(const std::string& netns) {
  if (netns.empty()) return std::nullopt;
  try {
    return std::optional<Kernel>(std::in_place, netns);
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code == ENOENT || code == ENOTDIR || code == ESRCH || code == EINVAL) return std::nullopt;
    throw;
  }
}

netlink::Socket& Kernel::container() {
  if (!container_) throw std::logic_error("no container namespace was opened");
  return container_->socket;
}

const netns::Netns& Kernel::container_netns() const {
  if (!container_) throw std::logic_error("no container namespace was opened");
  return container_->netns;
}

std::vector<sysctl::Seen> Kernel::container_sysctls(std::span<const std::string> keys) const {
  std::vector<sysctl::Seen> seen;
  const netns::Entered entered(container_netns(), container_->home);
  for (const std::string& key : keys) seen.push_back(sysctl::observe(key));
  return seen;
}

netlink::LinkWatch Kernel::watch(Where where, unsigned groups) const {
  std::optional<netns::Entered> entered;
  if (where == Where::container) entered.emplace(container_netns(), container_->home);
  return netlink::LinkWatch(groups);
}

netlink::Socket& Kernel::netfilter() {
  if (netfilter_) return *netfilter_;
  try {
    netfilter_.emplace(NETLINK_NETFILTER);
  } catch (const std::system_error& error) {
    if (error.code().value() != EPROTONOSUPPORT) throw;
    throw os::error(EPROTONOSUPPORT, "this kernel has no nf_tables; ipMasq, macspoofchk, portmap and firewall need it");
  }
  return *netfilter_;
}

bool Kernel::has_nf_tables() {
  try {
    return table().is_supported();
  } catch (const std::system_error& error) {
    if (error.code().value() != EPROTONOSUPPORT) throw;  // from socket(2): no netfilter at all
    return false;
  }
}

void Kernel::exchange(Where where, std::vector<netlink::Request>& requests) {
  (where == Where::host ? host() : container()).exchange(requests);
  requests.clear();
}

void Kernel::set(Where where, std::span<const Step> steps) const {
  std::optional<netns::Entered> entered;
  if (where == Where::container) entered.emplace(container_netns(), container_->home);
  for (const Step& step : steps) {
    const auto& setting = std::get<sysctl::Setting>(step.what);
    if (where == Where::host && setting.key == sysctl::ipv6_forwarding().key) {
      const auto now = sysctl::read(setting.key);
      if (now == setting.value) continue;
      if (now) keep_router_advertisements();
    }
    sysctl::apply(setting);
  }
}

// The child uses a socket of its own: two readers of one socket would take each other's replies. If anything keeps the
// child from its work (limits of processes or descriptors, seccomp, the OOM killer), this process does it.
void Kernel::delete_link(const netlink::DeleteLink& change) {
  constexpr std::chrono::milliseconds kDeadline{1000};
  try {
    netlink::LinkWatch watch;
    os::Detached child({}, [&] { netlink::Socket(NETLINK_ROUTE).exchange(netlink::request(change)); });
    if (!watch.wait_gone(change.name, child.fd(), kDeadline)) child.wait();
  } catch (const std::system_error& error) {
    logging::debug(std::string("deleting the link in this process: ") + error.what());
    host().exchange(netlink::request(change));
  }
}

void Kernel::apply(const Plan& plan) {
  const netlink::DeleteLink* const deletion = only_deletion(plan);
  if (deletion != nullptr) delete_link(*deletion);
  std::vector<netlink::Request> gathered;
  std::vector<ruleset::Change> changes;
  Where where = Where::host;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    if (const auto* change = std::get_if<ruleset::Change>(&step.what)) {
      changes.push_back(*change);
      continue;
    }
    if (deletion != nullptr) continue;
    const auto* link = std::get_if<LinkChange>(&step.what);
    if (link == nullptr || step.where != where) exchange(where, gathered);
    where = step.where;
    if (link == nullptr) {
      const std::size_t count = count_settings(plan, i);
      set(where, std::span(plan.steps).subspan(i, count));
      i += count - 1;
    } else {
      gathered.push_back(std::visit([](const auto& one) { return netlink::request(one); }, *link));
    }
  }
  exchange(where, gathered);
  if (!changes.empty()) table().apply(changes, plan.generation);
  has_removed_ = has_removed_ || std::any_of(changes.begin(), changes.end(), removes);
  if (plan.is_recorded && logging::is_recording()) record(plan);
}

void Kernel::apply_with_retry(const std::function<Plan()>& make_plan) {
  retry_if_raced([&] { apply(make_plan()); });
}

void Kernel::repair_tables() {
  retry_if_raced([&] { table().repair(); });
}

}  // namespace plan
