// SPDX-License-Identifier: Apache-2.0
// A host as it is with many attachments, made of the one that is there: what the tables of a side and the store hold of
// attachment 0 is written again for others, under other ids, addresses and ports, in one batch.
#pragma once

#include <string>

#include "tests/bench/side.h"
#include "tests/netns/host.h"

namespace bench {

// Gives the host the rules or elements, and the files in the store, of `count` attachments numbered from `first`. Links they
// have none. address: of attachment 0, which publishes one port.
void fill(const test::Host& host, const Side& side, const std::string& address, int first, int count);

}  // namespace bench
