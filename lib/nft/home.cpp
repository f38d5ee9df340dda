// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/home.h"

#include <linux/netfilter.h>

namespace nft {

std::uint8_t family_of(Home home) { return home == Home::inet ? NFPROTO_INET : NFPROTO_BRIDGE; }

std::string text(Home home) { return std::string(home == Home::inet ? "inet " : "bridge ") + kTable; }

}  // namespace nft
