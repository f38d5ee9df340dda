#include "lib/attachment/masquerade.h"

#include "lib/attachment/check.h"
#include "lib/attachment/layer3.h"
#include "lib/log/log.h"
#include "lib/plan/reference.h"

namespace attachment {

void masquerade(plan::Kernel& kernel, const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                const plan::Masquerading& wanted) {
  const logging::Stage stage("masquerade");
  kernel.settle([&] {
    return plan::plan_masquerade(owner, addresses, wanted, plan::observe_masquerade(kernel.table(), owner, addresses));
  });
}

void restore_masquerade(const cni::Request& request, const plan::Masquerading& wanted) {
  const auto previous = request.previous_result();
  if (!previous) throw cni::Error(cni::kBadConfiguration, "Required prevResult missing");
  plan::Kernel kernel;
  const net::Owner owner = request.owner();
  if (!netlink::observe_link(kernel.host(), owner.host_end())) {
    const plan::ReferenceSeen seen = plan::observe_reference_masquerade(kernel.netfilter(), owner);
    if (!seen.rules.empty() || !seen.chains.empty()) return;
  }
  masquerade(kernel, owner, addresses_of(own_part(*previous, request.ifname)), wanted);
}

void remove_masquerade(plan::Kernel& kernel, const net::Owner& owner) {
  const logging::Stage stage("masquerade");
  kernel.settle([&] { return plan::plan_no_masquerade(owner, plan::observe_masquerade(kernel.table(), owner, {})); });
}

}  // namespace attachment
