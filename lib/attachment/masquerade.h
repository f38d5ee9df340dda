// Masquerading of an attachment's addresses, carried out (lib/plan/masquerade.h plans it).
#pragma once

#include <vector>

#include "lib/net/owner.h"
#include "lib/net/prefix.h"
#include "lib/plan/kernel.h"
#include "lib/plan/masquerade.h"

namespace attachment {

void masquerade(plan::Kernel& kernel, const net::Owner& owner, const std::vector<net::Prefix>& addresses,
                const plan::Masquerading& wanted);

void remove_masquerade(plan::Kernel& kernel, const net::Owner& owner);

}  // namespace attachment
