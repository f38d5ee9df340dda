// SPDX-License-Identifier: Apache-2.0
// The canonical text of a rule's expressions, independent of the program that wrote it: equal rules have equal forms.
#pragma once

#include <cstdio>  // libnftnl's headers use FILE without it
#include <string>

#include <libnftnl/rule.h>

namespace nft {

// Includes the parameters of expressions that iptables-nft uses; only the names of others. Counter values are left out.
std::string form_of(const nftnl_rule* rule);

}  // namespace nft
