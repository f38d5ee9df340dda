// What CHECK compares for every plugin that connects a container by a veth pair. Only what the plugin itself made: later
// plugins of the chain may have added addresses, changed the MAC (and prevResult with it) or moved routes to other tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/cni/result.h"
#include "lib/net/owner.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"

namespace attachment {

// The interface of that name in prevResult, in the container or on the host; nullptr when there is none.
const cni::Interface* find_interface(const cni::Result& previous, const std::string& name, bool in_container);

std::string mac_text(const netlink::Link& link);  // "none" without one

// The container's interface: a veth with the MAC of prevResult, up (or down).
void compare_container_end(plan::Differences& differences, const std::string& ifname,
                           const std::optional<netlink::Link>& found, const cni::Result& previous, bool is_up = true);

// Is that address of prevResult the interface's? One that names no interface, or none that is there, may be.
bool is_own(const std::string& ifname, const cni::Result& previous, const cni::Ip& ip);
std::vector<net::Prefix> own_addresses(const std::string& ifname, const cni::Result& previous);

// Addresses on the link, and prevResult's routes by whatever link: they are those of all its interfaces.
void compare_layer3(plan::Differences& differences, plan::Kernel& kernel, const netlink::Link& link,
                    const cni::Result& previous);

// The table is whole and holds just these addresses for the owner.
void compare_masquerade(plan::Differences& differences, plan::Kernel& kernel, const net::Owner& owner,
                        const std::vector<net::Prefix>& addresses);

// Throws cni::Error code 100 "<what>: <all differences>", unless there are none.
void refuse_differences(const plan::Differences& differences, const std::string& what);

}  // namespace attachment
