#include "plugins/portmap/conditions.h"

#include <netinet/in.h>

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

// The kernel's part as nft(8) prints it, then the protocols and ports of the rest.
std::string parsed(const std::vector<std::string>& tokens, net::Family family = net::Family::v4) {
  const auto conditions = portmap::parse_conditions("conditionsV4", family, tokens);
  std::string text = ruleset::Conditions{family, conditions.packet}.text();
  for (const portmap::PortTest& test : conditions.ports) {
    text += std::string(test.is_negated ? " not " : " ") + (test.protocol ? nft::text(*test.protocol) : "any") + ":" +
            std::to_string(test.first) + "-" + std::to_string(test.last);
  }
  return text;
}

std::string refusal(const std::vector<std::string>& tokens, net::Family family = net::Family::v4) {
  return error_of([&] { portmap::parse_conditions("conditionsV4", family, tokens); });
}

}  // namespace

TEST_CASE("the words of iptables are translated") {
  CHECK(parsed({"-s", "10.0.0.0/8"}) == "ip saddr 10.0.0.0/8");
  CHECK(parsed({"!", "-s", "10.0.0.1"}) == "ip saddr != 10.0.0.1");
  CHECK(parsed({"--destination", "192.0.2.7/32"}) == "ip daddr 192.0.2.7");
  CHECK(parsed({"-i", "eth0", "!", "-o", "cni+"}) == "iifname \"eth0\" oifname != \"cni*\"");
  CHECK(parsed({"-d", "fd00::/8"}, net::Family::v6) == "ip6 daddr fd00::/8");
  CHECK(parsed({"-p", "tcp", "--dport", "80:90"}) == " tcp:0-65535 any:80-90");
  CHECK(parsed({"!", "-p", "udp"}) == " not udp:0-65535");
  CHECK(parsed({"! -s 10.0.0.0/8 -i eth0"}) == "ip saddr != 10.0.0.0/8 iifname \"eth0\"");  // in one token
}

TEST_CASE("the words of nft mean the same") {
  CHECK(parsed({"ip", "saddr", "!=", "10.0.0.0/8"}) == "ip saddr != 10.0.0.0/8");
  CHECK(parsed({"ip saddr 10.0.0.1 iifname \"eth*\""}) == "ip saddr 10.0.0.1 iifname \"eth*\"");
  CHECK(parsed({"meta", "oifname", "ne", "eth0"}) == "oifname != \"eth0\"");
  CHECK(parsed({"ip6", "daddr", "==", "fd00::2"}, net::Family::v6) == "ip6 daddr fd00::2");
  CHECK(parsed({"tcp", "dport", "!=", "80-90"}) == " not any:80-90 tcp:0-65535");
  CHECK(parsed({"meta", "l4proto", "udp", "th", "dport", "53"}) == " udp:0-65535 any:53-53");
  CHECK(parsed({"ip", "protocol", "tcp"}) == " tcp:0-65535");
}

TEST_CASE("what cannot be translated is named") {
  CHECK(refusal({"-j", "ACCEPT"}).starts_with("2: conditionsV4: \"-j\" cannot be translated"));
  CHECK(refusal({"-s", "10.0.0.0/8", "-m", "mark"}).starts_with("2: conditionsV4: \"-m\" cannot be translated"));
  CHECK(refusal({"ip", "ttl", "1"}).starts_with("2: conditionsV4: \"ip ttl\" cannot be translated"));
  CHECK(refusal({"ip6", "saddr", "fd00::/8"}).starts_with("2: conditionsV4: \"ip6 saddr\" cannot be translated"));
  CHECK(refusal({"ct", "state", "new"}).starts_with("2: conditionsV4: \"ct\" cannot be translated"));
  CHECK(
      refusal({"-s", "10.0.0.1,10.0.0.2"}).starts_with("2: conditionsV4: \"10.0.0.1,10.0.0.2\" cannot be translated"));
  CHECK(refusal({"ip saddr { 10.0.0.1 }"}).starts_with("2: conditionsV4: \"{\" cannot be translated"));
  CHECK(refusal({"-s"}).starts_with("2: conditionsV4: \"the end of the list\" cannot be translated"));
  CHECK(refusal({"!"}).starts_with("2: conditionsV4: \"the end of the list\" cannot be translated"));
}

TEST_CASE("a bad value is named with what is allowed") {
  const std::string begin = "7: failed to load netconf: conditionsV4: bad value ";
  CHECK(refusal({"-s", "10.0.0.0/33"}) ==
        begin + "\"10.0.0.0/33\"; allowed: one IPv4 address or network like 10.0.0.0/8");
  CHECK(refusal({"-s", "fd00::/8"}).starts_with(begin + "\"fd00::/8\""));
  CHECK(refusal({"-i", "a-name-that-is-too-long"}).starts_with(begin));
  CHECK(refusal({"-i", "+"}).starts_with(begin));
  CHECK(refusal({"iifname", "\"a\"b\""}).starts_with(begin));
  CHECK(refusal({"--dport", "90:80"}).starts_with(begin));
  CHECK(refusal({"--dport", "http"}).starts_with(begin));
  CHECK(refusal({"--dport", "65536"}).starts_with(begin));
  CHECK(refusal({"-p", "icmp"}) == begin + "\"icmp\"; allowed: tcp, udp, sctp");
}

TEST_CASE("conditions that no comment could hold are refused") {
  std::vector<std::string> many;
  for (int i = 0; i < 7; ++i) many.insert(many.end(), {"!", "-s", "100.100.100." + std::to_string(100 + i)});
  CHECK(refusal(many).find("conditions of 127 bytes at most") != std::string::npos);
}

TEST_CASE("a mapping is admitted when all tests of its port pass") {
  const auto conditions = portmap::parse_conditions("c", net::Family::v4, {"-p", "tcp", "!", "--dport", "80:90"});
  CHECK(conditions.admits({IPPROTO_TCP}, 79));
  CHECK(!conditions.admits({IPPROTO_TCP}, 80));
  CHECK(!conditions.admits({IPPROTO_TCP}, 90));
  CHECK(conditions.admits({IPPROTO_TCP}, 91));
  CHECK(!conditions.admits({IPPROTO_UDP}, 79));
}
