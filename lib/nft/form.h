// SPDX-License-Identifier: Apache-2.0
// A rule's expressions with their parameters in one line, whoever wrote it: two rules that do the same have the same form.
#pragma once

#include <cstdio>  // libnftnl's headers use FILE without it
#include <string>

#include <libnftnl/rule.h>

namespace nft {

// Of the expressions that rules of iptables-nft are made of; of others the name alone. Counters say nothing.
std::string form_of(const nftnl_rule* rule);

}  // namespace nft
