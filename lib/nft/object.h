// libnftnl's objects, owned from birth.
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
#include "lib/nft/element.h"

namespace nft {

using TableObject = std::unique_ptr<nftnl_table, void (*)(const nftnl_table*)>;
using ChainObject = std::unique_ptr<nftnl_chain, void (*)(const nftnl_chain*)>;
using RuleObject = std::unique_ptr<nftnl_rule, void (*)(const nftnl_rule*)>;
using SetObject = std::unique_ptr<nftnl_set, void (*)(const nftnl_set*)>;
using UserData = std::unique_ptr<nftnl_udata_buf, void (*)(const nftnl_udata_buf*)>;

// An empty message of nf_tables. type: NFT_MSG_*; family: NFPROTO_* or AF_UNSPEC.
netlink::Message make_message(std::uint16_t type, std::uint8_t family);

// All throw std::bad_alloc.
TableObject make_table(Home home);
ChainObject make_chain();  // of one of our tables, and so on
RuleObject make_rule();
SetObject make_set(std::string_view name);
UserData make_user_data();

// The set with one element in it: what messages about elements are made from. `whole`: with data and comment.
SetObject set_with(const Element& element, bool whole);

// The elements of a NEWSETELEM message, which is about the set of that name.
void read_elements(const nlmsghdr* message, std::string_view set, std::vector<Element>& into);

// A text that libnftnl returns; "" for nullptr, which stands for an attribute that is not there.
std::string string_of(const char* text);

// The text of that type in user data; "" when there is none.
std::string text_in(const void* user_data, std::uint32_t size, std::uint8_t type);

}  // namespace nft
