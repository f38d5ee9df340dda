// SPDX-License-Identifier: Apache-2.0
// Simulates a host with many attachments: copies the rules and store files of attachment 0 with other ids, addresses
// and ports, in one batch.
#pragma once

#include <string>

#include "tests/bench/side.h"
#include "tests/netns/host.h"

namespace bench {

// Adds the rules or elements, and the store files, of `count` attachments numbered from `first`; they have no links.
// address: that of attachment 0, which publishes one port.
void fill(const test::Host& host, const Side& side, const std::string& address, int first, int count);

}  // namespace bench
