// SPDX-License-Identifier: Apache-2.0
// prevResult: the result of the plugins earlier in the chain (SPEC.md, "prevResult").
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/net/prefix.h"
#include "lib/reference/leftovers.h"

namespace attachment {

// Throws cni::Error code 7 with the text `missing` if there is no prevResult; for ADD, which needs one only in chained
// plugins, with advice on the order of plugins.
cni::Result require_previous(const cni::Request& request, const std::string& missing = "Required prevResult missing");

// nullopt also for an unreadable prevResult: it must not make DEL fail.
std::optional<cni::Result> previous_if_readable(const cni::Request& request);

// The interface with that name, in the container or on the host; nullptr if there is none.
const cni::Interface* find_interface(const cni::Result& previous, const std::string& name, bool in_container);

// The result with only the addresses of the container's interface `ifname`. An address without an interface, or with
// one that the result does not list, counts as its own. So does an address of an interface with that name on the host,
// if the result lists none in the container.
cni::Result own_part(const cni::Result& previous, const std::string& ifname);

// The addresses of a result, each once.
std::vector<net::Prefix> addresses_of(const cni::Result& result);

// True if the reference's ADD created this attachment, so that our tables hold nothing of it, and CHECK and restore
// leave it alone. `is_ours`: our tables hold something of the attachment.
bool is_of_reference(bool is_ours, const std::function<reference::Seen()>& observe);

}  // namespace attachment
