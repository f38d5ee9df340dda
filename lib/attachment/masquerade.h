// SPDX-License-Identifier: Apache-2.0
// Masquerading of an attachment's addresses, carried out (lib/masquerade/plan.h plans it).
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

// That of ADD made again from prevResult, for cni::Plugin::restore of a plugin whose configuration asks for it. An attachment
// that the reference made is left alone as long as the reference's own rules are there.
void restore_masquerade(const cni::Request& request, const masquerade::Options& wanted);

void remove_masquerade(plan::Kernel& kernel, const net::Owner& owner);

}  // namespace attachment
