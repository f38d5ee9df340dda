// SPDX-License-Identifier: Apache-2.0
// DEL as a list of named steps. Plugins add their own.
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
  std::string what;  // an infinitive, for the message: "delete the veth pair"
  std::function<void(plan::Kernel&)> run;
  bool needs_nf_tables = false;  // skipped on a kernel without nf_tables: there is nothing to delete
  bool detaches = false;         // deletes the container's interface: if it fails, the address stays allocated
};

// The first steps of a plugin with "ipMasq".
std::vector<DelStep> masquerade_steps(const net::Owner& owner);

// Runs every step even if others fail. Releases the address at the end unless a step that detaches failed, then throws
// all failures together. Needs neither a namespace nor prevResult, and from the configuration only the IPAM plugin's
// type.
void remove(const cni::Request& request, const std::vector<DelStep>& steps);

// Releases the address of an earlier ADD of this attachment that was killed and never followed by a DEL. Never throws.
void release_leftover(const cni::Request& request);

// Deletes and logs the observed leftovers of the reference; observes again while other programs change the ruleset.
// Throws only transient errors (EAGAIN, EINTR). Foreign rules that cannot be deleted are a warning: they must not block
// DEL.
void remove_reference(plan::Kernel& kernel, const std::function<reference::Seen()>& observe);

}  // namespace attachment
