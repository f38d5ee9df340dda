// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/masquerade.h"

#include "lib/attachment/chained/previous.h"
#include "lib/log/log.h"
#include "lib/reference/leftovers.h"

namespace attachment {

void masquerade(plan::Kernel& kernel, const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                const masquerade::Options& wanted) {
  const logging::Stage stage("masquerade");
  kernel.apply_with_retry([&] {
    return masquerade::plan_masquerade(owner, addresses, wanted, masquerade::observe(kernel.table(), owner, addresses));
  });
}

void restore_masquerade(const cni::Request& request, const masquerade::Options& wanted) {
  const cni::Result previous = require_previous(request);
  plan::Kernel kernel;
  const net::Owner owner = request.owner();
  const bool is_ours = netlink::observe_link(kernel.host(), owner.host_end()).has_value();
  if (is_of_reference(is_ours, [&] { return reference::observe_masquerade(kernel.netfilter(), owner); })) return;
  masquerade(kernel, owner, addresses_of(own_part(previous, request.ifname)), wanted);
}

void remove_masquerade(plan::Kernel& kernel, const net::Owner& owner) {
  const logging::Stage stage("masquerade");
  kernel.apply_with_retry(
      [&] { return masquerade::plan_no_masquerade(owner, masquerade::observe(kernel.table(), owner, {})); });
}

}  // namespace attachment
