// SPDX-License-Identifier: Apache-2.0
// What a container may send as: macspoofchk and ipspoofchk, by elements of table bridge footbridge (lib/ruleset/bridge_rules.cpp
// says what the rules do with them).
//
// A port is held from before it is there until after it has gone. All keys begin with its name, which is the attachment's
// alone, so nobody else adds or removes what is planned here. DEL finds everything by the name: the MAC address in macof,
// the addresses in ipsof4 and ipsof6 by ordinal.
#pragma once

#include <vector>

#include "lib/cni/result.h"
#include "lib/net/owner.h"
#include "lib/plan/check.h"
#include "lib/plan/kernel.h"
#include "lib/ruleset/table.h"
#include "plugins/bridge/config.h"

namespace bridge {

struct Identity {
  net::Mac mac;
  bool has_addresses = false;           // ipspoofchk: false leaves addresses alone
  std::vector<net::Address> addresses;  // beside the link-local one that goes with the MAC address
};

// The link-local address that the kernel derives from a MAC address (RFC 4291, appendix A), which plan_container() has it do.
net::Address link_local_of(const net::Mac& mac);

// The elements that hold the owner's port to the identity, each once.
std::vector<ruleset::Element> elements_of(const net::Owner& owner, const Identity& identity);

// What the table holds of the owner's port: all of it, and whatever has the key of a wanted element.
std::vector<ruleset::Element> observe_held(const ruleset::Table& table, const net::Owner& owner,
                                           const std::vector<ruleset::Element>& wanted);

// Makes the table hold just what is wanted; nothing when it does already.
plan::Plan plan_hold(const std::vector<ruleset::Element>& wanted, const std::vector<ruleset::Element>& seen);

// Removes what is the owner's.
plan::Plan plan_release(const net::Owner& owner, const std::vector<ruleset::Element>& seen);

// The same carried out. hold_port() does nothing unless the configuration wants checks; it then has a MAC address.
void hold_port(plan::Kernel& kernel, const Config& config, const std::vector<net::Prefix>& addresses);
void release_port(plan::Kernel& kernel, const net::Owner& owner);

// Makes the table again what ADD made it, from the configuration and prevResult alone: after a flush of the ruleset, for one.
// Nothing unless the configuration wants checks, or when prevResult does not tell the container's MAC address.
void restore_checks(plan::Kernel& kernel, const Config& config, const cni::Result& previous);

// For CHECK: the table is whole, and has what ADD put into it.
void compare_checks(plan::Differences& differences, plan::Kernel& kernel, const Config& config,
                    const cni::Result& previous);

// What the reference's macspoofchk left of the attachment.
void release_reference(plan::Kernel& kernel, const net::Owner& owner);

}  // namespace bridge
