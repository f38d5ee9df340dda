// SPDX-License-Identifier: Apache-2.0
// Published ports with portmap's options: ranges, masqAll, conditions.
#include <doctest/doctest.h>

#include "tests/netns/matrix/expect.h"

namespace {

using test::kItself;
using test::kUnreached;
using test::Rows;
using test::Topic;

const Rows kAllAsGateway{
    {"outside", "host:8080", "gateway", "gateway"},   {"outside", "second:8080", "gateway", "gateway"},
    {"host", "host:8080", "gateway", "gateway"},      {"gateway", "gateway:8080", "gateway", "gateway"},
    {"stranger", "host:8080", "gateway", "gateway"},  {"remote", "host:8080", "gateway", "gateway"},
    {"neighbour", "host:8080", "gateway", "gateway"}, {"server", "host:8080", "gateway", "gateway"}};
const Rows kLocalhost{{"localhost", "localhost:8080", "gateway", "gateway"}};

const std::vector<Topic> kMasqAll{
    {.name = "masqAll", .portmap = R"({"masqAll": true})", .rows = kAllAsGateway + kLocalhost},
    {.name = "masqAll, br_netfilter",
     .portmap = R"({"masqAll": true})",
     .has_br_netfilter = true,
     .rows = kAllAsGateway + Rows{{"localhost", "localhost:8080", "gateway", kUnreached}}},
    {.name = "masqAll, ptp", .type = "ptp", .portmap = R"({"masqAll": true})", .rows = kAllAsGateway + kLocalhost},
};

const std::vector<Topic> kRanges{
    {.name = "range",
     .mappings = R"([{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "range": 3},
                     {"hostPort": 8080, "containerPort": 90, "protocol": "udp", "range": 3, "hostIP": "192.168.1.2"},
                     {"hostPort": 8080, "containerPort": 100, "protocol": "udp", "range": 1, "hostIP": "::"}])",
     .rows = {{"outside", "host:8079", kUnreached, kUnreached},
              {"outside", "host:8080", kItself, kItself},
              {"outside", "host:8081", kItself, kItself, "tcp"},
              {"outside", "host:8081", kItself, kUnreached, "udp"},
              {"outside", "host:8082", kItself, kItself, "tcp"},
              {"outside", "host:8082", kItself, kUnreached, "udp"},
              {"outside", "host:8083", kUnreached, kUnreached},
              {"outside", "second:8082", kItself, kItself, "tcp"},
              {"outside", "second:8082", kUnreached, kUnreached, "udp"},
              {"neighbour", "host:8082", "gateway", "gateway", "tcp"},
              {"server", "host:8082", "gateway", "gateway", "tcp"},
              {"localhost", "localhost:8082", "gateway", "gateway", "tcp"},
              {"localhost", "localhost:8083", kUnreached, kUnreached}}},
};

const Rows kNotFromLan{
    {"outside", "host:8080", kUnreached, kUnreached},      {"host", "host:8080", kUnreached, kUnreached},
    {"localhost", "localhost:8080", "gateway", "gateway"}, {"stranger", "host:8080", "gateway", "gateway"},
    {"neighbour", "host:8080", "gateway", "gateway"},      {"server", "gateway:8080", "gateway", "gateway"}};

const std::vector<Topic> kConditions{
    {.name = "conditions: not from the LAN, in iptables syntax",
     .portmap = R"({"conditionsV4": ["!", "-s", "192.168.1.0/24"], "conditionsV6": ["!", "-s", "fd99::/64"]})",
     .rows = kNotFromLan},
    {.name = "conditions: not from the LAN, in nft syntax",
     .portmap = R"({"conditionsV4": ["ip", "saddr", "!=", "192.168.1.0/24"],
                    "conditionsV6": ["ip6", "saddr", "!=", "fd99::/64"]})",
     .rows = kNotFromLan},
    {.name = "conditions: to one address",
     .portmap = R"({"conditionsV4": ["-d", "192.168.1.2"], "conditionsV6": ["-d", "fd99::2"]})",
     .rows = {{"outside", "host:8080", kItself, kItself},
              {"outside", "second:8080", kUnreached, kUnreached},
              {"host", "host:8080", kItself, kItself},
              {"localhost", "localhost:8080", kUnreached, kUnreached},
              {"neighbour", "host:8080", "gateway", "gateway"},
              {"neighbour", "gateway:8080", kUnreached, kUnreached}}},
    {.name = "conditions: by one interface",
     .portmap = R"({"conditionsV4": ["-i", "lan0"], "conditionsV6": ["-i", "lan0"]})",
     .rows = {{"outside", "host:8080", kItself, kItself},
              {"outside", "second:8080", kItself, kItself},
              {"host", "host:8080", kUnreached, kUnreached},
              {"stranger", "host:8080", kUnreached, kUnreached},
              {"neighbour", "host:8080", kUnreached, kUnreached}}},
    {.name = "conditions for IPv4 only",
     .portmap = R"({"conditionsV4": ["!", "-i", "lan0"]})",
     .rows = {{"outside", "host:8080", kUnreached, kItself}, {"neighbour", "host:8080", "gateway", "gateway"}}},
};

}  // namespace

TEST_CASE("with masqAll the container always sees its gateway as the client") { test::expect(kMasqAll, 100); }

TEST_CASE("a range of ports is published from its first to its last") { test::expect(kRanges, 30); }

TEST_CASE("conditions in iptables or nft syntax limit the clients of a published port") {
  test::expect(kConditions, 80);
}
