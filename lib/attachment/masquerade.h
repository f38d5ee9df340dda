// SPDX-License-Identifier: Apache-2.0
// Masquerading of an attachment's addresses in the kernel (planned by lib/masquerade/plan.h).
#pragma once

#include <vector>

#include "lib/cni/request.h"
#include "lib/masquerade/plan.h"
#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/plan/kernel.h"

namespace attachment {

void masquerade(plan::Kernel& kernel, const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                const masquerade::Options& wanted);

// Repeats ADD's masquerading from prevResult, for cni::Plugin::restore of a plugin with "ipMasq". An attachment created
// by the reference is left alone as long as the reference's own rules exist.
void restore_masquerade(const cni::Request& request, const masquerade::Options& wanted);

void remove_masquerade(plan::Kernel& kernel, const net::Owner& owner);

}  // namespace attachment
