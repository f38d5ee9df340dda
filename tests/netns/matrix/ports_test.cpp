// SPDX-License-Identifier: Apache-2.0
// Who reaches a published port, and whom the container sees.
#include <doctest/doctest.h>

#include "tests/netns/matrix/expect.h"

namespace {

using test::kItself;
using test::kNobody;
using test::kNotAsked;
using test::Row;
using test::Rows;
using test::Topic;

const Rows kFromLocalhost{{"localhost", "localhost:8080", "gateway", "gateway"}};
// Answers to ::1 that come through a bridge's own hooks are dropped before they are translated back.
const Rows kFromLocalhostFiltered{{"localhost", "localhost:8080", "gateway", kNobody}};
const Rows kFromHost{{"host", "host:8080", kItself, kItself},
                     {"second", "second:8080", kItself, kItself},
                     {"gateway", "gateway:8080", kItself, kItself}};
const Rows kFromOutside{{"outside", "host:8080", kItself, kItself},
                        {"outside", "second:8080", kItself, kItself},
                        {"outside", "server:8080", kNobody, kNobody}};   // passing through is not the host's port
const Rows kFromOthers{{"stranger", "host:8080", "gateway", "gateway"},  // masqueraded by their own networks
                       {"remote", "host:8080", "gateway", "gateway"}};
const Rows kFromNeighbour{{"neighbour", "host:8080", "gateway", "gateway"},
                          {"neighbour", "gateway:8080", "gateway", "gateway"}};
const Rows kFromItself{{"server", "host:8080", "gateway", "gateway"}, {"server", "gateway:8080", "gateway", "gateway"}};
const Rows kOthers = kFromHost + kFromOutside + kFromOthers + kFromNeighbour + kFromItself;
const Rows kEverybody = kFromLocalhost + kOthers;

const std::vector<Topic> kTopics{
    {.name = "bridge", .rows = kEverybody},
    {.name = "bridge, br_netfilter", .has_br_netfilter = true, .rows = kFromLocalhostFiltered + kOthers},
    {.name = "bridge, no hairpin", .main = R"({"hairpinMode": false})", .rows = kEverybody},
    // The frame would have to leave by the port that it came in by: this is what hairpinMode is for.
    {.name = "bridge, no hairpin, br_netfilter",
     .main = R"({"hairpinMode": false})",
     .has_br_netfilter = true,
     .rows = kFromLocalhostFiltered + kFromHost + kFromOutside + kFromOthers + kFromNeighbour +
             Rows{{"server", "host:8080", kNobody, kNobody}}},
    {.name = "ptp", .type = "ptp", .rows = kEverybody},
    {.name = "bridge, no masquerade",
     .main = R"({"ipMasq": false})",
     .others = R"({"ipMasq": false})",
     .rows = kFromLocalhost + kFromHost + kFromOutside + kFromNeighbour + kFromItself +
             Rows{{"stranger", "host:8080", kItself, kItself}, {"remote", "host:8080", kItself, kItself}}},
    {.name = "ptp, no masquerade",
     .type = "ptp",
     .main = R"({"ipMasq": false})",
     .others = R"({"ipMasq": false})",
     .rows = kFromLocalhost + kFromHost + kFromOutside + kFromNeighbour + kFromItself +
             Rows{{"stranger", "host:8080", kItself, kItself}, {"remote", "host:8080", kItself, kItself}}},
    // Neighbours would be answered past the host, under an address that they did not ask.
    {.name = "bridge, no snat",
     .portmap = R"({"snat": false})",
     .rows = kFromHost + kFromOutside + kFromOthers +
             Rows{{"localhost", "localhost:8080", kNobody, kNobody},
                  {"neighbour", "host:8080", kNobody, kNobody},
                  {"server", "host:8080", kNobody, kNobody}}},
    // With br_netfilter the host sees the neighbour's answers all the same.
    {.name = "bridge, no snat, br_netfilter",
     .portmap = R"({"snat": false})",
     .has_br_netfilter = true,
     .rows = kFromHost + kFromOutside + kFromOthers +
             Rows{{"localhost", "localhost:8080", kNobody, kNobody},
                  {"neighbour", "host:8080", kItself, kItself},
                  {"server", "host:8080", kNobody, kNobody}}},
    // All that goes from one to the other of a point-to-point network passes through the host.
    {.name = "ptp, no snat",
     .type = "ptp",
     .portmap = R"({"snat": false})",
     .rows = kFromHost + kFromOutside + kFromOthers +
             Rows{{"localhost", "localhost:8080", kNobody, kNobody},
                  {"neighbour", "host:8080", kItself, kItself},
                  {"server", "host:8080", kNobody, kNobody}}},
    {.name = "ports on one address, on every address of a family, under other numbers",
     .mappings = R"([{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "192.168.1.2"},
                       {"hostPort": 8080, "containerPort": 80, "protocol": "udp", "hostIP": "192.168.1.2"},
                       {"hostPort": 8080, "containerPort": 81, "protocol": "tcp", "hostIP": "fd99::2"},
                       {"hostPort": 8080, "containerPort": 81, "protocol": "udp", "hostIP": "fd99::2"},
                       {"hostPort": 8081, "containerPort": 82, "protocol": "tcp", "hostIP": "127.0.0.1"},
                       {"hostPort": 8082, "containerPort": 83, "protocol": "udp", "hostIP": "0.0.0.0"},
                       {"hostPort": 8082, "containerPort": 84, "protocol": "tcp", "hostIP": "::"},
                       {"hostPort": 8083, "containerPort": 85}])",
     .rows = {{"outside", "host:8080", kItself, kItself},
              {"outside", "second:8080", kNobody, kNobody},
              {"neighbour", "host:8080", "gateway", "gateway"},
              {"neighbour", "gateway:8080", kNobody, kNobody},
              {"server", "host:8080", "gateway", "gateway"},
              {"stranger", "host:8080", "gateway", "gateway"},
              {"remote", "host:8080", "gateway", "gateway"},
              {"host", "host:8080", kItself, kItself},
              {"localhost", "localhost:8080", kNobody, kNobody},
              {"localhost", "localhost:8081", "gateway", kNobody, "tcp"},
              {"localhost", "localhost:8081", kNobody, kNobody, "udp"},
              {"outside", "host:8081", kNobody, kNobody},
              {"outside", "host:8082", kNobody, kItself, "tcp"},
              {"outside", "second:8082", kNobody, kItself, "tcp"},
              {"outside", "host:8082", kItself, kNobody, "udp"},
              {"outside", "second:8082", kItself, kNobody, "udp"},
              {"localhost", "localhost:8082", "gateway", kNobody, "udp"},
              {"neighbour", "gateway:8082", "gateway", kNobody, "udp"},
              {"neighbour", "gateway:8082", kNobody, "gateway", "tcp"},
              {"outside", "second:8083", kItself, kItself, "tcp"},  // TCP when nothing is said
              {"outside", "second:8083", kNobody, kNobody, "udp"},
              {"outside", "host:80", kNobody, kNobody}}},
    {.name = "bridge, port isolation",
     .main = R"({"portIsolation": true})",
     .rows = kFromLocalhost + kFromOutside + kFromNeighbour + kFromItself +
             Rows{{"neighbour", "server", kNobody, kNobody}}},
};

}  // namespace

TEST_CASE("a published port is reached by everybody who should, under the address that lets the answer find its way") {
  test::expect(kTopics, 500);
}
