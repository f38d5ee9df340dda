// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/conditions.h"

#include <netinet/in.h>

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

// The kernel's conditions as nft(8) prints them, with "|" between lists, then the remaining protocols and ports.
std::string parsed(const std::vector<std::string>& tokens, net::Family family = net::Family::v4) {
  const auto conditions = portmap::parse_conditions("conditionsV4", family, tokens);
  std::string text;
  for (const auto& list : conditions.packet) {
    text += (text.empty() ? "" : " | ") + ruleset::Conditions{family, list}.text();
  }
  for (const portmap::PortTest& test : conditions.ports) {
    text += std::string(test.is_negated ? " not " : " ") + (test.protocol ? nft::text(*test.protocol) : "any");
    for (const auto& [first, last] : test.ranges) text += ":" + std::to_string(first) + "-" + std::to_string(last);
  }
  return text;
}

std::string rejection(const std::vector<std::string>& tokens, net::Family family = net::Family::v4) {
  return error_of([&] { portmap::parse_conditions("conditionsV4", family, tokens); });
}

}  // namespace

TEST_CASE("iptables conditions are translated") {
  CHECK(parsed({"-s", "10.0.0.0/8"}) == "ip saddr 10.0.0.0/8");
  CHECK(parsed({"!", "-s", "10.0.0.1"}) == "ip saddr != 10.0.0.1");
  CHECK(parsed({"--destination", "192.0.2.7/32"}) == "ip daddr 192.0.2.7");
  CHECK(parsed({"-i", "eth0", "!", "-o", "cni+"}) == "iifname \"eth0\" oifname != \"cni*\"");
  CHECK(parsed({"-d", "fd00::/8"}, net::Family::v6) == "ip6 daddr fd00::/8");
  CHECK(parsed({"-p", "tcp", "--dport", "80:90"}) == " tcp:0-65535 any:80-90");
  CHECK(parsed({"!", "-p", "udp"}) == " not udp:0-65535");
  CHECK(parsed({"! -s 10.0.0.0/8 -i eth0"}) == "ip saddr != 10.0.0.0/8 iifname \"eth0\"");  // as one token
}

TEST_CASE("lists of addresses become one list of conditions per combination") {
  CHECK(parsed({"-d", "192.0.2.10/32,127.0.0.1"}) == "ip daddr 192.0.2.10 | ip daddr 127.0.0.1");
  CHECK(parsed({"-s", "10.0.0.0/8,10.9.0.1", "-i", "eth0", "-d", "192.0.2.1,192.0.2.2"}) ==
        "ip saddr 10.0.0.0/8 iifname \"eth0\" ip daddr 192.0.2.1 | ip saddr 10.0.0.0/8 iifname \"eth0\" ip daddr "
        "192.0.2.2 | ip saddr 10.9.0.1 iifname \"eth0\" ip daddr 192.0.2.1 | ip saddr 10.9.0.1 iifname \"eth0\" ip "
        "daddr 192.0.2.2");
  CHECK(parsed({"-d", "fd00::1,fd00:1::/32"}, net::Family::v6) == "ip6 daddr fd00::1 | ip6 daddr fd00:1::/32");
}

TEST_CASE("a mask may replace a prefix length") {
  CHECK(parsed({"-d", "192.0.2.10/255.255.255.255"}) == "ip daddr 192.0.2.10");
  CHECK(parsed({"!", "-s", "10.9.8.7/255.255.0.0"}) == "ip saddr != 10.9.0.0/16");
  CHECK(parsed({"-s", "fd00::1/ffff:ffff::"}, net::Family::v6) == "ip6 saddr fd00::/32");
  CHECK(rejection({"-s", "10.0.0.0/255.0.255.0"}).starts_with("7: "));
  CHECK(rejection({"-s", "10.0.0.0/ffff::"}).starts_with("7: "));
}

TEST_CASE("address ranges and marks are translated") {
  CHECK(parsed({"-m", "iprange", "--src-range", "10.0.0.3-10.0.0.9"}) == "ip saddr 10.0.0.3-10.0.0.9");
  CHECK(parsed({"-m", "iprange", "!", "--dst-range", "fd00::3-fd00::9"}, net::Family::v6) ==
        "ip6 daddr != fd00::3-fd00::9");
  CHECK(parsed({"-m", "mark", "--mark", "17"}) == "meta mark 0x00000011");
  CHECK(parsed({"-m", "mark", "!", "--mark", "0x10/0xff"}) == "meta mark & 0x000000ff != 0x00000010");
  for (const char* bad : {"10.0.0.9-10.0.0.3", "10.0.0.1-", "fd00::1-fd00::2", "-"}) {
    CHECK_MESSAGE(rejection({"--src-range", bad}).starts_with("7: "), bad);
  }
  for (const char* bad : {"", "0x", "x", "1/", "/1", "0x100000000", "-1"}) {
    CHECK_MESSAGE(rejection({"--mark", bad}) != "", bad);
  }
}

TEST_CASE("a list of ports matches each of them") {
  CHECK(parsed({"-p", "tcp", "-m", "multiport", "--dports", "80,443,8000:8080"}) ==
        " tcp:0-65535 any:80-80:443-443:8000-8080");
  CHECK(parsed({"-p", "tcp", "-m", "tcp", "--dport", "80"}) == " tcp:0-65535 any:80-80");
  const auto conditions = portmap::parse_conditions("c", net::Family::v4, {"!", "--destination-ports", "80,443"});
  CHECK(!conditions.admits({IPPROTO_TCP}, 443));
  CHECK(conditions.admits({IPPROTO_TCP}, 81));
}

TEST_CASE("conditions that are always true are ignored") {
  CHECK(parsed({"-m", "comment", "--comment", "any -j words"}).empty());
  CHECK(parsed({"-m", "comment", "--comment", "", "-s", "10.0.0.1"}) == "ip saddr 10.0.0.1");
  CHECK(parsed({"-m", "addrtype", "--dst-type", "LOCAL", "-d", "192.0.2.1"}) == "ip daddr 192.0.2.1");
  CHECK(parsed({"-m", "conntrack", "--ctstate", "NEW,ESTABLISHED"}).empty());
  CHECK(parsed({"-m", "state", "!", "--state", "INVALID"}).empty());
}

TEST_CASE("nft conditions have the same meaning") {
  CHECK(parsed({"ip", "saddr", "!=", "10.0.0.0/8"}) == "ip saddr != 10.0.0.0/8");
  CHECK(parsed({"ip saddr 10.0.0.1 iifname \"eth*\""}) == "ip saddr 10.0.0.1 iifname \"eth*\"");
  CHECK(parsed({"meta", "oifname", "ne", "eth0"}) == "oifname != \"eth0\"");
  CHECK(parsed({"ip6", "daddr", "==", "fd00::2"}, net::Family::v6) == "ip6 daddr fd00::2");
  CHECK(parsed({"tcp", "dport", "!=", "80-90"}) == " not any:80-90 tcp:0-65535");
  CHECK(parsed({"meta", "l4proto", "udp", "th", "dport", "53"}) == " udp:0-65535 any:53-53");
  CHECK(parsed({"ip", "protocol", "tcp"}) == " tcp:0-65535");
}

TEST_CASE("an unsupported word is an error that names it") {
  CHECK(rejection({"-j", "ACCEPT"}).starts_with("2: conditionsV4: \"-j\" is not supported"));
  CHECK(rejection({"-s", "10.0.0.0/8", "-m", "limit"}).starts_with("2: conditionsV4: \"-m limit\" is not supported"));
  CHECK(rejection({"--dst-type", "UNICAST"}).starts_with("2: conditionsV4: \"--dst-type UNICAST\" is not supported"));
  CHECK(rejection({"!", "--dst-type", "LOCAL"}).starts_with("2: "));
  CHECK(rejection({"--ctstate", "ESTABLISHED"})
            .starts_with("2: conditionsV4: \"--ctstate ESTABLISHED\" is not supported"));
  CHECK(rejection({"!", "--ctstate", "NEW"}).starts_with("2: "));
  CHECK(rejection({"ip", "ttl", "1"}).starts_with("2: conditionsV4: \"ip ttl\" is not supported"));
  CHECK(rejection({"ip6", "saddr", "fd00::/8"}).starts_with("2: conditionsV4: \"ip6 saddr\" is not supported"));
  CHECK(rejection({"ct", "state", "new"}).starts_with("2: conditionsV4: \"ct\" is not supported"));
  CHECK(rejection({"!", "-s", "10.0.0.1,10.0.0.2"})
            .starts_with("2: conditionsV4: \"10.0.0.1,10.0.0.2\" is not supported"));
  CHECK(rejection({"ip saddr { 10.0.0.1 }"}).starts_with("2: conditionsV4: \"{\" is not supported"));
  CHECK(rejection({"-s"}).starts_with("2: conditionsV4: \"-s\" is incomplete"));
  CHECK(rejection({"!"}).starts_with("2: conditionsV4: \"!\" is incomplete"));
}

TEST_CASE("a bad value is an error that names it and the allowed values") {
  const std::string begin = "7: failed to load netconf: conditionsV4: bad value ";
  CHECK(rejection({"-s", "10.0.0.0/33"}) ==
        begin + "\"10.0.0.0/33\"; allowed: one IPv4 address or network like 10.0.0.0/8");
  CHECK(rejection({"-s", "fd00::/8"}).starts_with(begin + "\"fd00::/8\""));
  CHECK(rejection({"-i", "a-name-that-is-too-long"}).starts_with(begin));
  CHECK(rejection({"-i", "+"}).starts_with(begin));
  CHECK(rejection({"iifname", "\"a\"b\""}).starts_with(begin));
  CHECK(rejection({"--dport", "90:80"}).starts_with(begin));
  CHECK(rejection({"--dport", "http"}).starts_with(begin));
  CHECK(rejection({"--dport", "65536"}).starts_with(begin));
  CHECK(rejection({"-p", "icmp"}) == begin + "\"icmp\"; allowed: tcp, udp, sctp");
}

TEST_CASE("conditions that are too long for a comment are rejected") {
  std::vector<std::string> many;
  for (int i = 0; i < 7; ++i) many.insert(many.end(), {"!", "-s", "100.100.100." + std::to_string(100 + i)});
  CHECK(rejection(many).find("at most 127 bytes in this form") != std::string::npos);
}

TEST_CASE("too many combinations of addresses are rejected") {
  std::string list = "10.0.0.1";
  for (int i = 2; i <= 65; ++i) list += ",10.0.0." + std::to_string(i);
  CHECK(rejection({"-s", list}).find("allowed: at most 64 combinations of addresses") != std::string::npos);
}

TEST_CASE("a mapping is published if all conditions on its port match") {
  const auto conditions = portmap::parse_conditions("c", net::Family::v4, {"-p", "tcp", "!", "--dport", "80:90"});
  CHECK(conditions.admits({IPPROTO_TCP}, 79));
  CHECK(!conditions.admits({IPPROTO_TCP}, 80));
  CHECK(!conditions.admits({IPPROTO_TCP}, 90));
  CHECK(conditions.admits({IPPROTO_TCP}, 91));
  CHECK(!conditions.admits({IPPROTO_UDP}, 79));
}
