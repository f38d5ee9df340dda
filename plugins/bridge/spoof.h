// SPDX-License-Identifier: Apache-2.0
// Source checks: macspoofchk and ipspoofchk, as elements of table bridge footbridge. lib/ruleset/bridge_rules.cpp
// describes the rules.
//
// A port is checked from before it exists until after it is deleted. All keys begin with the port's name, which belongs
// to one attachment, so no other process changes these elements. DEL finds all elements by the name: the MAC address in
// macof, the addresses in ipsof4 and ipsof6 by ordinal.
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
  bool has_addresses = false;           // ipspoofchk; false: addresses are not checked
  std::vector<net::Address> addresses;  // in addition to the link-local one of the MAC address
};

// The link-local address that the kernel derives from a MAC address (RFC 4291, appendix A). plan_container() sets that
// mode.
net::Address link_local_of(const net::Mac& mac);

// The elements that restrict the owner's port to the identity, without duplicates.
std::vector<ruleset::Element> elements_of(const net::Owner& owner, const Identity& identity);

// The table's elements of the owner's port, and any element with the key of a wanted one.
std::vector<ruleset::Element> observe_checks(const ruleset::Table& table, const net::Owner& owner,
                                             const std::vector<ruleset::Element>& wanted);

// Changes the table to contain exactly the wanted elements. Empty if it already does.
plan::Plan plan_checks(const std::vector<ruleset::Element>& wanted, const std::vector<ruleset::Element>& seen);

// Deletes the owner's elements.
plan::Plan plan_remove_checks(const net::Owner& owner, const std::vector<ruleset::Element>& seen);

// Applies these plans. apply_checks() does nothing unless checks are configured; then the configuration has a MAC
// address.
void apply_checks(plan::Kernel& kernel, const Config& config, const std::vector<net::Prefix>& addresses);
void remove_checks(plan::Kernel& kernel, const net::Owner& owner);

// Restores the elements from the configuration and prevResult, for example after a flush of the ruleset. Does nothing
// if no checks are configured, or if prevResult lacks the container's MAC address.
void restore_checks(plan::Kernel& kernel, const Config& config, const cni::Result& previous);

// For CHECK: the table is intact and contains the elements that ADD added.
void compare_checks(plan::Differences& differences, plan::Kernel& kernel, const Config& config,
                    const cni::Result& previous);

// Deletes what the reference's macspoofchk created for the attachment.
void remove_reference_checks(plan::Kernel& kernel, const net::Owner& owner);

}  // namespace bridge
