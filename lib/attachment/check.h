// SPDX-License-Identifier: Apache-2.0
// CHECK of every plugin that attaches a container. It compares only what the plugin itself created: later plugins of
// the chain may have added addresses, changed the MAC (also in prevResult) or moved routes to other tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/cni/result.h"
#include "lib/masquerade/plan.h"
#include "lib/net/owner.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"

namespace attachment {

// Adds "<what> MAC: expected ..., found ..." if the link's MAC differs from the listed one. The spelling does not
// matter.
void compare_mac(plan::Differences& differences, const std::string& what, const cni::Interface* listed,
                 const netlink::Link& found);

// Compares the container's interface: its kind, its MAC address in prevResult, up or down.
struct ExpectedInterface {
  std::string ifname;
  std::string kind;  // as in ip(8)
  bool is_up = true;
};
void compare_interface(plan::Differences& differences, const ExpectedInterface& expected,
                       const std::optional<netlink::Link>& found, const cni::Result& previous);

// Compares: the host forwards packets of these addresses' families.
void compare_forwarding(plan::Differences& differences, const cni::Result& own);

// Compares: the link has its addresses. prevResult's routes may use any link: they belong to all its interfaces.
void compare_layer3(plan::Differences& differences, plan::Kernel& kernel, const netlink::Link& link,
                    const cni::Result& previous);

// Compares: the table exists with every chain and rule.
void compare_table(plan::Differences& differences, plan::Kernel& kernel,
                   nft::TableFamily family = nft::TableFamily::inet);

// Compares: the table is intact and holds exactly these addresses for the owner.
void compare_masquerade(plan::Differences& differences, plan::Kernel& kernel, const net::Owner& owner,
                        const std::vector<net::Prefix>& addresses, const masquerade::Options& wanted);

// Throws cni::Error code 100 "<what>: <all differences>" if there are any.
void reject_differences(const plan::Differences& differences, const std::string& what);

}  // namespace attachment
