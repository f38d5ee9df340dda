// SPDX-License-Identifier: Apache-2.0
// The state of a host, one line per object, from the kernel's dumps and the files. Values that are random or change by
// themselves are left out: handles, indices, counters, timers, carrier, link-local addresses, MAC addresses of veths.
#pragma once

#include <set>
#include <string>

#include "tests/faults/dump.h"

namespace faults {

using Facts = std::multiset<std::string>;

// Links, addresses, routes and rules of a namespace. Each line begins with "link NS", "address NS" ...
void observe_links(Dump& route, const std::string& netns, Facts& facts);
void observe_routes(Dump& route, const std::string& netns, Facts& facts);

// Tables, chains, rules, sets and each element of the namespace.
void observe_ruleset(Dump& netfilter, Facts& facts);

// All files, with their content, and all directories. kExcludedFiles lists the exceptions with their reasons.
void observe_files(const std::string& folder, Facts& facts);

// The sysctls for forwarding. ADD enables forwarding permanently.
void observe_forwarding(Facts& facts);

// The lines without the IPv4 and IPv6 settings of links.
Facts without_link_settings(const Facts& facts);

// The lines of only one side, with "- " or "+ ", separated by "; ".
std::string difference(const Facts& before, const Facts& after);

// Are all lines of `part` in `all`?
bool is_part(const Facts& part, const Facts& all);

}  // namespace faults
