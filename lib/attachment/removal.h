// SPDX-License-Identifier: Apache-2.0
// DEL, as a list of labelled steps to which a plugin adds its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/cni/request.h"
#include "lib/net/owner.h"
#include "lib/plan/kernel.h"
#include "lib/reference/leftovers.h"

namespace attachment {

struct DelStep {
  std::string what;  // an infinitive, for the message: "remove the veth pair"
  std::function<void(plan::Kernel&)> run;
  bool needs_nf_tables = false;  // skipped on a kernel without: there is nothing to remove
  bool detaches = false;         // takes the container's interface: as long as it fails, the address stays allocated
};

// The first steps of a plugin that has "ipMasq".
std::vector<DelStep> masquerade_steps(const net::Owner& owner);

// Runs every step, whatever happens to the others, and releases the address at the end unless a step that detaches failed;
// then throws all failures together.
// Needs neither a namespace nor prevResult, and of the configuration only which IPAM plugin it was.
void remove(const cni::Request& request, const std::vector<DelStep>& steps);

// An ADD of this attachment was killed, and nobody sent the DEL that would have told its IPAM plugin. Never throws.
void release_leftover(const cni::Request& request);

// Removes what was seen of the reference's, looking again as long as others change the ruleset, and logs it. Throws
// only what may pass by itself (EAGAIN, EINTR): rules of others that cannot be removed are a warning, and must not keep a
// container from going.
void remove_reference(plan::Kernel& kernel, const std::function<reference::Seen()>& observe);

}  // namespace attachment
