// SPDX-License-Identifier: Apache-2.0
// What CHECK compares for every plugin that attaches a container. Only what the plugin itself made: later
// plugins of the chain may have added addresses, changed the MAC (and prevResult with it) or moved routes to other tables.
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

// "<what> MAC: expected ..., found ..." unless the link has the MAC that was told, in whatever letters.
void compare_mac(plan::Differences& differences, const std::string& what, const cni::Interface* told,
                 const netlink::Link& found);

// The container's interface: its kind, the MAC address of prevResult, up or down.
struct ExpectedInterface {
  std::string ifname;
  std::string kind;  // as ip(8) names it
  bool is_up = true;
};
void compare_interface(plan::Differences& differences, const ExpectedInterface& expected,
                       const std::optional<netlink::Link>& found, const cni::Result& previous);

// The host forwards for the families of these addresses.
void compare_forwarding(plan::Differences& differences, const cni::Result& own);

// Addresses on the link, and prevResult's routes by whatever link: they are those of all its interfaces.
void compare_layer3(plan::Differences& differences, plan::Kernel& kernel, const netlink::Link& link,
                    const cni::Result& previous);

// The table is there, with every chain and rule.
void compare_table(plan::Differences& differences, plan::Kernel& kernel, nft::Home home = nft::Home::inet);

// That, and it holds just these addresses for the owner.
void compare_masquerade(plan::Differences& differences, plan::Kernel& kernel, const net::Owner& owner,
                        const std::vector<net::Prefix>& addresses, const masquerade::Options& wanted);

// Throws cni::Error code 100 "<what>: <all differences>", unless there are none.
void refuse_differences(const plan::Differences& differences, const std::string& what);

}  // namespace attachment
