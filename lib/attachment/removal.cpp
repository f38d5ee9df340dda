// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/removal.h"

#include <algorithm>

#include "lib/attachment/lock.h"
#include "lib/attachment/masquerade.h"
#include "lib/cni/delegate.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"

namespace attachment {
std::vector<DelStep> masquerade_steps(const net::Owner& owner) {
  return {{"delete the masquerading", [owner](plan::Kernel& kernel) { remove_masquerade(kernel, owner); }, true},
          {"delete the reference's masquerading",
           [owner](plan::Kernel& kernel) {
             remove_reference(kernel, [&] { return reference::observe_masquerade(kernel.netfilter(), owner); });
           },
           true}};
}

void remove(const cni::Request& request, const std::vector<DelStep>& steps) {
  plan::Kernel kernel = plan::Kernel::with_netns_if_present(request.netns);
  const Lock lock(request.owner());
  cni::Steps done;
  const auto needs_nf_tables = [](const DelStep& step) { return step.needs_nf_tables; };
  bool has_nf_tables = false;
  if (std::any_of(steps.begin(), steps.end(), needs_nf_tables)) {
    done.run("look for nf_tables", [&] { has_nf_tables = kernel.has_nf_tables(); });
  }
  bool is_detached = true;
  for (const DelStep& step : steps) {
    if (step.needs_nf_tables && !has_nf_tables) continue;
    bool is_done = false;
    done.run(step.what, [&] {
      step.run(kernel);
      is_done = true;
    });
    is_detached = is_detached && (is_done || !step.detaches);
  }
  // A container that still has its interface still uses its address: the address stays allocated until a DEL succeeds.
  if (is_detached) done.run("release the address", [&] { cni::delegate_ipam(request, cni::Verb::del); });
  done.finish();
}

void release_leftover(const cni::Request& request) {
  try {
    cni::delegate_ipam(request, cni::Verb::del, cni::kUndoTimeout);
  } catch (const std::exception& error) {
    logging::warn(std::string("cannot release the address of an unfinished ADD: ") + error.what());
  }
}

void remove_reference(plan::Kernel& kernel, const std::function<reference::Seen()>& observe) {
  const logging::Stage stage("reference");
  reference::Seen seen;
  try {
    kernel.apply_with_retry([&] {
      seen = observe();
      return reference::plan_removal(seen);
    });
  } catch (const std::system_error& error) {
    if (cni::may_pass(error)) throw;
    logging::warn(std::string("cannot delete leftovers of the reference: ") + error.what());
    return;
  }
  for (const std::string& line : foreign::lines(seen.rules)) logging::record_action(line);
}

}  // namespace attachment
