// SPDX-License-Identifier: Apache-2.0
// What there is on a host, one line for each thing, from the kernel's own dumps and the files. Left out is what changes by itself
// or by lot: handles, indices, counters, timers, the state of the carrier, and with it link-local addresses; the MACs of veths.
#pragma once

#include <set>
#include <string>

#include "tests/faults/dump.h"

namespace faults {

using Facts = std::multiset<std::string>;

// Links, addresses, routes and rules of a namespace; each line begins with "link NS", "address NS" ...
void observe_links(Dump& route, const std::string& netns, Facts& facts);
void observe_routes(Dump& route, const std::string& netns, Facts& facts);

// Tables, chains, rules, sets and each element of the namespace.
void observe_ruleset(Dump& netfilter, Facts& facts);

// Every file and directory with its content. What is left out is in files_left_out() with its reason.
void observe_files(const std::string& folder, Facts& facts);

// Whether the host forwards packets: ADD switches it on for good.
void observe_forwarding(Facts& facts);

// The lines without what they say of a link's own settings of IPv4 and IPv6.
Facts without_link_settings(const Facts& facts);

// The lines that only one of them has, "-" and "+" before them, separated by "; ".
std::string difference(const Facts& before, const Facts& after);

// Are all lines of `part` in `whole`?
bool is_part(const Facts& part, const Facts& whole);

}  // namespace faults
