// SPDX-License-Identifier: Apache-2.0
// Clients of a published port, and the address that the container sees.
#include <doctest/doctest.h>

#include "tests/netns/matrix/expect.h"

namespace {

using test::kItself;
using test::kNotTested;
using test::kUnreached;
using test::Row;
using test::Rows;
using test::Topic;

const Rows kFromLocalhost{{"localhost", "localhost:8080", "gateway", "gateway"}};
// With br_netfilter, replies to ::1 are dropped in the bridge's hooks, before they are translated back.
const Rows kFromLocalhostFiltered{{"localhost", "localhost:8080", "gateway", kUnreached}};
const Rows kFromHost{{"host", "host:8080", kItself, kItself},
                     {"second", "second:8080", kItself, kItself},
                     {"gateway", "gateway:8080", kItself, kItself}};
const Rows kFromOutside{{"outside", "host:8080", kItself, kItself},
                        {"outside", "second:8080", kItself, kItself},
                        {"outside", "server:8080", kUnreached, kUnreached}};  // only the host's addresses have the port
const Rows kFromOthers{{"stranger", "host:8080", "gateway", "gateway"},       // their own networks masquerade them
                       {"remote", "host:8080", "gateway", "gateway"}};
const Rows kFromNeighbour{{"neighbour", "host:8080", "gateway", "gateway"},
                          {"neighbour", "gateway:8080", "gateway", "gateway"}};
const Rows kFromItself{{"server", "host:8080", "gateway", "gateway"}, {"server", "gateway:8080", "gateway", "gateway"}};
const Rows kNotLocalhost = kFromHost + kFromOutside + kFromOthers + kFromNeighbour + kFromItself;
const Rows kAllClients = kFromLocalhost + kNotLocalhost;

const std::vector<Topic> kTopics{
    {.name = "bridge", .rows = kAllClients},
    {.name = "bridge, br_netfilter", .has_br_netfilter = true, .rows = kFromLocalhostFiltered + kNotLocalhost},
    {.name = "bridge, no hairpin", .main = R"({"hairpinMode": false})", .rows = kAllClients},
    // The frame would have to leave by the bridge port that it came in by, which needs hairpinMode.
    {.name = "bridge, no hairpin, br_netfilter",
     .main = R"({"hairpinMode": false})",
     .has_br_netfilter = true,
     .rows = kFromLocalhostFiltered + kFromHost + kFromOutside + kFromOthers + kFromNeighbour +
             Rows{{"server", "host:8080", kUnreached, kUnreached}}},
    {.name = "ptp", .type = "ptp", .rows = kAllClients},
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
    // The server would reply to a neighbour directly, from an address that the neighbour did not connect to.
    {.name = "bridge, no snat",
     .portmap = R"({"snat": false})",
     .rows = kFromHost + kFromOutside + kFromOthers +
             Rows{{"localhost", "localhost:8080", kUnreached, kUnreached},
                  {"neighbour", "host:8080", kUnreached, kUnreached},
                  {"server", "host:8080", kUnreached, kUnreached}}},
    // With br_netfilter the replies to a neighbour pass through the host's hooks.
    {.name = "bridge, no snat, br_netfilter",
     .portmap = R"({"snat": false})",
     .has_br_netfilter = true,
     .rows = kFromHost + kFromOutside + kFromOthers +
             Rows{{"localhost", "localhost:8080", kUnreached, kUnreached},
                  {"neighbour", "host:8080", kItself, kItself},
                  {"server", "host:8080", kUnreached, kUnreached}}},
    // All traffic between containers of a ptp network passes through the host.
    {.name = "ptp, no snat",
     .type = "ptp",
     .portmap = R"({"snat": false})",
     .rows = kFromHost + kFromOutside + kFromOthers +
             Rows{{"localhost", "localhost:8080", kUnreached, kUnreached},
                  {"neighbour", "host:8080", kItself, kItself},
                  {"server", "host:8080", kUnreached, kUnreached}}},
    {.name = "ports on one address, on all addresses of a family, with different container ports",
     .mappings = R"([{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "192.168.1.2"},
                       {"hostPort": 8080, "containerPort": 80, "protocol": "udp", "hostIP": "192.168.1.2"},
                       {"hostPort": 8080, "containerPort": 81, "protocol": "tcp", "hostIP": "fd99::2"},
                       {"hostPort": 8080, "containerPort": 81, "protocol": "udp", "hostIP": "fd99::2"},
                       {"hostPort": 8081, "containerPort": 82, "protocol": "tcp", "hostIP": "127.0.0.1"},
                       {"hostPort": 8082, "containerPort": 83, "protocol": "udp", "hostIP": "0.0.0.0"},
                       {"hostPort": 8082, "containerPort": 84, "protocol": "tcp", "hostIP": "::"},
                       {"hostPort": 8083, "containerPort": 85}])",
     .rows = {{"outside", "host:8080", kItself, kItself},
              {"outside", "second:8080", kUnreached, kUnreached},
              {"neighbour", "host:8080", "gateway", "gateway"},
              {"neighbour", "gateway:8080", kUnreached, kUnreached},
              {"server", "host:8080", "gateway", "gateway"},
              {"stranger", "host:8080", "gateway", "gateway"},
              {"remote", "host:8080", "gateway", "gateway"},
              {"host", "host:8080", kItself, kItself},
              {"localhost", "localhost:8080", kUnreached, kUnreached},
              {"localhost", "localhost:8081", "gateway", kUnreached, "tcp"},
              {"localhost", "localhost:8081", kUnreached, kUnreached, "udp"},
              {"outside", "host:8081", kUnreached, kUnreached},
              {"outside", "host:8082", kUnreached, kItself, "tcp"},
              {"outside", "second:8082", kUnreached, kItself, "tcp"},
              {"outside", "host:8082", kItself, kUnreached, "udp"},
              {"outside", "second:8082", kItself, kUnreached, "udp"},
              {"localhost", "localhost:8082", "gateway", kUnreached, "udp"},
              {"neighbour", "gateway:8082", "gateway", kUnreached, "udp"},
              {"neighbour", "gateway:8082", kUnreached, "gateway", "tcp"},
              {"outside", "second:8083", kItself, kItself, "tcp"},  // the default protocol
              {"outside", "second:8083", kUnreached, kUnreached, "udp"},
              {"outside", "host:80", kUnreached, kUnreached}}},
    {.name = "bridge, port isolation",
     .main = R"({"portIsolation": true})",
     .rows = kFromLocalhost + kFromOutside + kFromNeighbour + kFromItself +
             Rows{{"neighbour", "server", kUnreached, kUnreached}}},
};

}  // namespace

TEST_CASE("each client that may reaches a published port, with a source address that routes the reply back") {
  test::expect(kTopics, 500);
}
