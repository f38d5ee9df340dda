#include "lib/plan/kernel.h"

#include <linux/netlink.h>

#include <cerrno>
#include <stdexcept>

#include "lib/log/log.h"
#include "lib/net/words.h"
#include "lib/os/error.h"

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
  throw os::error(ENOENT, what + "failed to Statfs \"" + path + "\"");
}

void record(const Plan& plan) {
  const std::string lines = text(plan);
  for (const std::string_view line : net::lines(lines)) logging::did(line);
}

// Tries the step until no other process changed the ruleset meanwhile.
template <class Step>
void until_undisturbed(const Step& step) {
  constexpr int kTries = 100;
  for (int left = kTries - 1;; --left) {
    try {
      return step();
    } catch (const nft::Raced& raced) {
      if (left == 0)
        throw os::error(EAGAIN, std::string("table inet footbridge is changed all the time: ") + raced.what());
    }
  }
}

}  // namespace

Kernel::Container Kernel::enter(netns::Netns netns) {
  const netns::Entered entered(netns);
  netlink::Socket socket(NETLINK_ROUTE);
  return {std::move(netns), std::move(socket)};
}

Kernel::Kernel() : host_(NETLINK_ROUTE) {}

Kernel::Kernel(const std::string& netns) : host_(NETLINK_ROUTE), container_(enter(open_netns(netns))) {}

Kernel Kernel::with_netns_if_present(const std::string& netns) {
  Kernel kernel;
  if (netns.empty()) return kernel;
  try {
    auto opened = netns::Netns::open(netns);
    if (opened) kernel.container_ = enter(std::move(*opened));
  } catch (const std::exception&) {
    // A stale file, a dead mount, no permission to look: to DEL they all mean that nothing can be done inside, and
    // everything that it must remove can be removed from the host's side.
  }
  return kernel;
}

netlink::Socket& Kernel::container() {
  if (!container_) throw std::logic_error("no container namespace was opened");
  return container_->socket;
}

const netns::Netns& Kernel::container_netns() const {
  if (!container_) throw std::logic_error("no container namespace was opened");
  return container_->netns;
}

netlink::Socket& Kernel::netfilter() {
  if (!netfilter_) netfilter_.emplace(NETLINK_NETFILTER);
  return *netfilter_;
}

bool Kernel::has_nf_tables() {
  try {
    return table().is_supported();
  } catch (const std::system_error& error) {
    if (error.code().value() != EPROTONOSUPPORT) throw;  // there is no netfilter at all: socket(2)
    return false;
  }
}

void Kernel::exchange(Where where, std::vector<netlink::Request>& requests) {
  (where == Where::host ? host() : container()).exchange(requests);
  requests.clear();
}

void Kernel::set(Where where, const sysctl::Setting& setting) const {
  std::optional<netns::Entered> entered;
  if (where == Where::container) entered.emplace(container_netns());
  sysctl::apply(setting);
}

void Kernel::apply(const Plan& plan) {
  std::vector<netlink::Request> gathered;
  std::vector<nft::Change> changes;
  Where where = Where::host;
  for (const Step& step : plan.steps) {
    if (const auto* change = std::get_if<nft::Change>(&step.what)) {
      changes.push_back(*change);
      continue;
    }
    const auto* link = std::get_if<LinkChange>(&step.what);
    if (link == nullptr || step.where != where) exchange(where, gathered);
    where = step.where;
    if (link == nullptr) {
      set(where, std::get<sysctl::Setting>(step.what));
    } else {
      gathered.push_back(std::visit([](const auto& one) { return netlink::request(one); }, *link));
    }
  }
  exchange(where, gathered);
  if (!changes.empty()) table().apply(changes, plan.generation);
  if (plan.is_recorded && logging::is_recording()) record(plan);
}

void Kernel::settle(const std::function<Plan()>& make_plan) {
  until_undisturbed([&] { apply(make_plan()); });
}

void Kernel::mend_table() {
  until_undisturbed([&] { table().mend(); });
}

}  // namespace plan
