#include "lib/attachment/removal.h"

#include <cerrno>

#include "lib/attachment/lock.h"
#include "lib/attachment/masquerade.h"
#include "lib/attachment/pair.h"
#include "lib/cni/delegate.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"

namespace attachment {
namespace {

// The master that the reference's host end would have; nullopt when its bridge is not there.
std::optional<std::uint32_t> observe_master(plan::Kernel& kernel, const std::optional<net::IfName>& bridge) {
  if (!bridge) return 0;
  const auto link = netlink::observe_link(kernel.host(), *bridge);
  return link ? std::optional(link->index) : std::nullopt;
}

void remove_pair_of(plan::Kernel& kernel, const cni::Request& request, const std::optional<net::IfName>& bridge) {
  const logging::Stage stage("links");
  const net::Owner owner = request.owner();
  Pair pair;
  pair.host_end = netlink::observe_link(kernel.host(), owner.host_end());
  plan::Plan plan = plan_remove_pair(owner, pair);
  if (plan.empty()) {  // only now is the container's own namespace asked, where everything may be as it likes
    pair = observe_pair(kernel, owner);
    const auto link = find_reference_pair(kernel, pair, previous_if_readable(request), observe_master(kernel, bridge));
    if (link) plan.host(netlink::DeleteLink{net::IfName(link->name), link->index});
  }
  kernel.apply(plan);
}

}  // namespace

void remove(const cni::Request& request, const std::optional<net::IfName>& bridge,
            const std::function<void(plan::Kernel&)>& after_pair) {
  const net::Owner owner = request.owner();
  plan::Kernel kernel = plan::Kernel::with_netns_if_present(request.netns);
  const Lock lock(owner);
  cni::Steps steps;
  bool has_nf_tables = false;
  steps.run("look for nf_tables", [&] { has_nf_tables = kernel.has_nf_tables(); });
  if (has_nf_tables) {
    steps.run("remove the masquerading", [&] { remove_masquerade(kernel, owner); });
    steps.run("remove the reference's masquerading", [&] {
      remove_reference(kernel, [&] { return reference::observe_masquerade(kernel.netfilter(), owner); });
    });
  }
  bool is_cut_off = false;
  steps.run("remove the veth pair", [&] {
    remove_pair_of(kernel, request, bridge);
    is_cut_off = true;
  });
  if (has_nf_tables && after_pair) steps.run("end the source checks", [&] { after_pair(kernel); });
  // A container that still has its interface still uses its address: nobody else gets it before a DEL that succeeds.
  if (is_cut_off) steps.run("give the address back", [&] { cni::delegate_ipam(request, cni::Verb::del); });
  steps.finish();
}

void release_leftover(const cni::Request& request) {
  try {
    cni::delegate_ipam(request, cni::Verb::del, cni::kUndoPatience);
  } catch (const std::exception& error) {
    logging::warn(std::string("release the address of an ADD that did not come to its end: ") + error.what());
  }
}

std::optional<cni::Result> previous_if_readable(const cni::Request& request) {
  try {
    return request.previous_result();
  } catch (const cni::Error& error) {
    logging::debug(error.msg());
    return std::nullopt;
  }
}

void remove_reference(plan::Kernel& kernel, const std::function<reference::Seen()>& observe) {
  const logging::Stage stage("reference");
  reference::Seen seen;
  try {
    kernel.settle([&] {
      seen = observe();
      return reference::plan_removal(seen);
    });
  } catch (const std::system_error& error) {
    if (cni::may_pass(error)) throw;
    logging::warn(std::string("what the reference left stays: ") + error.what());
    return;
  }
  for (const std::string& line : foreign::lines(seen.rules)) logging::did(line);
}

}  // namespace attachment
