// A ruleset as it is with many attachments, made of the one that is there: what the table of a side holds of attachment "c0"
// is written again for others, under other ids, addresses and ports, in one batch.
#pragma once

#include "tests/bench/side.h"

namespace bench {

inline constexpr int kFirstPort = 10000;  // of c0; kPorts for each
inline constexpr int kPorts = 2;

// Gives the host the rules, or elements, of attachments c1 to c<count>. Links and files they have none.
void fill(const test::Host& host, const Side& side, int count);

}  // namespace bench
