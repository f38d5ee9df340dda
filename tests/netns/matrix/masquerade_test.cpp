// SPDX-License-Identifier: Apache-2.0
// Under which address a container's own connections leave.
#include <doctest/doctest.h>

#include "tests/netns/matrix/expect.h"

namespace {

using test::kItself;
using test::kNobody;
using test::kNotAsked;
using test::Row;
using test::Rows;
using test::Topic;

const Rows kToHost{{"server", "host", kItself, kItself},
                   {"server", "second", kItself, kItself},
                   {"server", "gateway", kItself, kItself}};
const Rows kFromHost{{"gateway", "server", kItself, kItself}, {"outside", "server", kItself, kItself}};
const Rows kToNeighbour{{"server", "neighbour", kItself, kItself}, {"neighbour", "server", kItself, kItself}};
const Rows kWithinNetwork = kToHost + kFromHost + kToNeighbour;
// What has no one receiver is nobody's connection.
const Rows kToMany{{"server", "group", kItself, kItself, "udp"},
                   {"server", "broadcast", kItself, kNotAsked, "udp"},
                   {"server", "everybody", kItself, kNotAsked, "udp"}};
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

TEST_CASE("what leaves a network leaves under the host's address, what stays or is for many keeps its own") {
  test::expect(kTopics, 200);
}
