#include "lib/attachment/removal.h"

#include <array>
#include <string_view>

#include "lib/attachment/masquerade.h"
#include "lib/attachment/pair.h"
#include "lib/cni/delegate.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"
#include "lib/plan/attachment_lock.h"
#include "lib/plan/collect.h"
#include "lib/plan/reference.h"

namespace attachment {
namespace {

constexpr std::array<std::string_view, 4> kSets{"masq4", "masq6", "owners4", "owners6"};

// A prevResult that cannot be read is as good as none: DEL must not fail for it.
std::optional<cni::Result> previous_of(const cni::Request& request) {
  try {
    return request.previous_result();
  } catch (const cni::Error& error) {
    logging::debug(error.msg());
    return std::nullopt;
  }
}

void remove_pair(plan::Kernel& kernel, const cni::Request& request) {
  const logging::Stage stage("links");
  const net::Owner owner = request.owner();
  plan::Plan plan = plan_remove_pair(owner, observe_pair(kernel, owner), true);
  const auto previous = plan.empty() ? previous_of(request) : std::nullopt;
  const auto told = previous ? find_told_pair(kernel, *previous) : std::nullopt;
  if (told) plan.host(netlink::DeleteLink{net::IfName(told->name)});
  kernel.apply(plan);
}

void tell(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) logging::did("collect " + line);
}

void collect_masquerading(plan::Kernel& kernel, const net::Attachments& alive) {
  const logging::Stage stage("masquerade");
  plan::Abandoned abandoned;
  kernel.settle([&] {
    abandoned = plan::observe_abandoned(kernel, alive, kSets);
    plan::Plan plan = plan::plan_collect_elements(abandoned);
    plan::append(plan, plan::plan_no_reference(plan::observe_abandoned_reference(kernel.netfilter(), alive)));
    return plan;
  });
  tell(plan::element_lines(abandoned));
}

void collect_pairs(plan::Kernel& kernel, const net::Attachments& alive) {
  const logging::Stage stage("links");
  const plan::Abandoned abandoned = plan::observe_abandoned(kernel, alive, {});
  kernel.apply(plan::plan_collect_links(abandoned));
  tell(plan::link_lines(abandoned));
}

}  // namespace

void remove(const cni::Request& request) {
  const net::Owner owner = request.owner();
  plan::Kernel kernel = plan::Kernel::with_netns_if_present(request.netns);
  const plan::AttachmentLock lock(owner);
  cni::Steps steps;
  steps.run("remove the masquerading", [&] { remove_masquerade(kernel, owner); });
  steps.run("remove the veth pair", [&] { remove_pair(kernel, request); });
  steps.run("give the address back", [&] { cni::delegate_ipam(request, cni::Verb::del); });
  steps.finish();
}

void collect(const cni::Request& request) {
  const net::Attachments alive = request.alive().value();
  plan::Kernel kernel;
  cni::Steps steps;
  steps.run("collect the masquerading", [&] { collect_masquerading(kernel, alive); });
  steps.run("collect the veth pairs", [&] { collect_pairs(kernel, alive); });
  steps.run("collect the addresses", [&] { cni::delegate_ipam(request, cni::Verb::gc); });
  steps.finish();
}

void release_leftover(const cni::Request& request) {
  try {
    cni::delegate_ipam(request, cni::Verb::del);
  } catch (const std::exception& error) {
    logging::warn(std::string("release the address of an ADD that did not come to its end: ") + error.what());
  }
}

}  // namespace attachment
