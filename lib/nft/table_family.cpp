// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/table_family.h"

#include <linux/netfilter.h>

namespace nft {

std::uint8_t protocol_of(TableFamily family) { return family == TableFamily::inet ? NFPROTO_INET : NFPROTO_BRIDGE; }

std::string text(TableFamily family) { return std::string(family == TableFamily::inet ? "inet " : "bridge ") + kTable; }

}  // namespace nft
