// What CHECK compares for every plugin that connects a container by a veth pair. Only what the plugin itself made: later
// plugins of the chain may have added addresses, changed the MAC (and prevResult with it) or moved routes to other tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/attachment/pair.h"
#include "lib/cni/result.h"
#include "lib/masquerade/plan.h"
#include "lib/net/owner.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"

namespace attachment {

// The interface of that name in prevResult, in the container or on the host; nullptr when there is none.
const cni::Interface* find_interface(const cni::Result& previous, const std::string& name, bool in_container);

// "<what> MAC: expected ..., found ..." unless the link has the MAC that was told, in whatever letters.
void compare_mac(plan::Differences& differences, const std::string& what, const cni::Interface* told,
                 const netlink::Link& found);

// The container's interface: a veth with the MAC of prevResult, up (or down).
void compare_container_end(plan::Differences& differences, const std::string& ifname,
                           const std::optional<netlink::Link>& found, const cni::Result& previous, bool is_up = true);

// The host end, which is up: of our ADD it has the owner's name; of the reference's, any name, and is the container end's
// peer. nullopt, and the difference `missing`, when there is none.
std::optional<netlink::Link> compare_host_end(plan::Differences& differences, const Pair& seen,
                                              const std::string& missing);

// prevResult with the addresses of that interface alone. One that names no interface, or none that is there, may be its.
cni::Result own_part(const cni::Result& previous, const std::string& ifname);

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
