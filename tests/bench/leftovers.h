// SPDX-License-Identifier: Apache-2.0
// What attachments leave in the host: links, elements, reserved addresses.
#pragma once

#include <set>
#include <string>

#include "tests/netns/host.h"

namespace bench {

// A line for each: "link vethb7403254e49", "file 10.1.0.2", "masq4: 3 elements".
using Holdings = std::multiset<std::string>;

Holdings observe_holdings(const test::Host& host);

// What `after` has and `before` had not, in a line; empty when there is nothing.
std::string left_over(const Holdings& before, const Holdings& after);

}  // namespace bench
