// SPDX-License-Identifier: Apache-2.0
// The target of a neighbour advertisement (RFC 4861, 4.4), as a part of a set's key.
//
// nft(8) has a name for that field only since 1.0.8. Older ones print and read it as bytes of the packet, and a set whose
// keys hold such bytes says in its user data which ones they are: `typeof iifname . @nh,384,128`. Before 1.0 nft cannot read
// that, and takes the type's number: it is ipv6_addr's, because 0.9.8 aborts at a concatenation of bytes.
#pragma once

#include <string>

#include <libnftnl/udata.h>

#include "lib/net/address.h"

namespace nft {

struct Target {
  net::Address address;  // IPv6
  friend bool operator==(const Target&, const Target&) = default;
};

// "0xfd000000000000000000000000000002"
std::string text(const Target& target);

// The key's description for a set of `iifname . @nh,384,128` (nft's include/rule.h and include/expression.h, whose numbers
// are kept because they are stored).
void put_typeof_target(nftnl_udata_buf* data);

}  // namespace nft
