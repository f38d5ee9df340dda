// SPDX-License-Identifier: Apache-2.0
// libnftnl's objects as owning pointers.
#pragma once

#include <cstdint>
#include <cstdio>  // libnftnl's headers use FILE without it
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

#include "lib/netlink/message.h"

namespace nft {

using TableObject = std::unique_ptr<nftnl_table, void (*)(const nftnl_table*)>;
using ChainObject = std::unique_ptr<nftnl_chain, void (*)(const nftnl_chain*)>;
using RuleObject = std::unique_ptr<nftnl_rule, void (*)(const nftnl_rule*)>;
using SetObject = std::unique_ptr<nftnl_set, void (*)(const nftnl_set*)>;
using UserData = std::unique_ptr<nftnl_udata_buf, void (*)(const nftnl_udata_buf*)>;

// An empty nf_tables message. type: NFT_MSG_*; family: NFPROTO_* or AF_UNSPEC.
netlink::Message make_message(std::uint16_t type, std::uint8_t family);

// Throws std::bad_alloc.
UserData make_user_data();

// A text from libnftnl; "" for nullptr, which means an absent attribute.
std::string string_of(const char* text);

// The text of that type in user data; "" if there is none.
std::string text_in(const void* user_data, std::uint32_t size, std::uint8_t type);

}  // namespace nft
