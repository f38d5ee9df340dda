// SPDX-License-Identifier: Apache-2.0
// prevResult: what the plugins before this one in the chain made (SPEC.md, "prevResult").
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

// Throws cni::Error code 7 with the text `missing` if there is none.
cni::Result require_previous(const cni::Request& request, const std::string& missing = "Required prevResult missing");

// nullopt also for one that cannot be read: DEL must not fail for it.
std::optional<cni::Result> previous_if_readable(const cni::Request& request);

// The interface of that name, in the container or on the host; nullptr if there is none.
const cni::Interface* find_interface(const cni::Result& previous, const std::string& name, bool in_container);

// The result with only the addresses of that interface of the container. An address that names no interface, or one that the
// result does not list, counts as its; likewise one of an interface with its name, if the result lists none with a sandbox.
cni::Result own_part(const cni::Result& previous, const std::string& ifname);

// The addresses of a result, each once.
std::vector<net::Prefix> addresses_of(const cni::Result& result);

// The reference's ADD made this, so our tables hold nothing of it and CHECK and restore leave it alone. `is_ours`: our tables
// hold something of the attachment.
bool is_of_reference(bool is_ours, const std::function<reference::Seen()>& observe);

}  // namespace attachment
