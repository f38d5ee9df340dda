// SPDX-License-Identifier: Apache-2.0
// The source address of connections that a container opens.
#include <doctest/doctest.h>

#include "tests/netns/matrix/expect.h"

namespace {

using test::kItself;
using test::kNotTested;
using test::kUnreached;
using test::Row;
using test::Rows;
using test::Topic;

const Rows kToHost{{"server", "host", kItself, kItself},
                   {"server", "second", kItself, kItself},
                   {"server", "gateway", kItself, kItself}};
const Rows kFromHost{{"gateway", "server", kItself, kItself}, {"outside", "server", kItself, kItself}};
const Rows kToNeighbour{{"server", "neighbour", kItself, kItself}, {"neighbour", "server", kItself, kItself}};
const Rows kWithinNetwork = kToHost + kFromHost + kToNeighbour;
// Multicast and broadcast are never masqueraded.
const Rows kToMany{{"server", "group", kItself, kItself, "udp"},
                   {"server", "broadcast", kItself, kNotTested, "udp"},
                   {"server", "all-ones", kItself, kNotTested, "udp"}};
const Rows kMasqueraded{{"server", "outside", "host", "host"},
                        {"server", "stranger", "stranger's gateway", "stranger's gateway"},
                        {"server", "remote", "remote's gateway", "remote's gateway"}};
const Rows kUntouched{{"server", "outside", kItself, kItself},
                      {"server", "stranger", kItself, kItself},
                      {"server", "remote", kItself, kItself}};

const std::vector<Topic> kTopics{
    {.name = "bridge", .rows = kWithinNetwork + kToMany + kMasqueraded},
    {.name = "bridge, br_netfilter", .has_br_netfilter = true, .rows = kWithinNetwork + kToMany + kMasqueraded},
    {.name = "ptp", .type = "ptp", .rows = kWithinNetwork + kMasqueraded},
    {.name = "bridge, no masquerade", .main = R"({"ipMasq": false})", .rows = kWithinNetwork + kToMany + kUntouched},
    {.name = "ptp, no masquerade", .type = "ptp", .main = R"({"ipMasq": false})", .rows = kWithinNetwork + kUntouched},
};

}  // namespace

TEST_CASE("connections out of a network are masqueraded; traffic within it, multicast and broadcast are not") {
  test::expect(kTopics, 200);
}
