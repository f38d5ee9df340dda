#include "lib/attachment/masquerade.h"

#include "lib/log/log.h"

namespace attachment {

void masquerade(plan::Kernel& kernel, const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                const plan::Masquerading& wanted) {
  const logging::Stage stage("masquerade");
  kernel.settle([&] {
    return plan::plan_masquerade(owner, addresses, wanted, plan::observe_masquerade(kernel.table(), owner, addresses));
  });
}

void remove_masquerade(plan::Kernel& kernel, const net::Owner& owner) {
  const logging::Stage stage("masquerade");
  kernel.settle([&] { return plan::plan_no_masquerade(owner, plan::observe_masquerade(kernel.table(), owner, {})); });
}

}  // namespace attachment
