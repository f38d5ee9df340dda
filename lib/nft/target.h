// SPDX-License-Identifier: Apache-2.0
// The target of a neighbour advertisement (RFC 4861, 4.4) in a set's key.
//
// nft(8) has a name for that field only since 1.0.8. Older versions use raw bytes of the packet, and the user data of a
// set with such keys describes them: `typeof iifname . @nh,384,128`. Versions before 1.0 ignore that and use the type
// number, which is ipv6_addr's because 0.9.8 aborts on a concatenation of raw bytes.
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

// Describes the key of a set of `iifname . @nh,384,128` (nft's include/rule.h and include/expression.h; the numbers are
// stable because they are stored).
void put_typeof_target(nftnl_udata_buf* data);

}  // namespace nft
