// SPDX-License-Identifier: Apache-2.0
// The objects of attachments on the host: links, elements, allocated addresses.
#pragma once

#include <set>
#include <string>

#include "tests/netns/host.h"

namespace bench {

// One entry per object: "link vethb7403254e49", "file 10.1.0.2", "masq4: 3 elements".
using Holdings = std::multiset<std::string>;

Holdings observe_holdings(const test::Host& host);

// The entries of `after` that are not in `before`, on one line.
std::string left_over(const Holdings& before, const Holdings& after);

}  // namespace bench
