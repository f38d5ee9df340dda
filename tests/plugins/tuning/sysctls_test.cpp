// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/sysctls.h"

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

cni::Request request_with(const std::string& keys) {
  return request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "tuning", )" + keys + "}");
}

// "path=value" of each sysctl, in the order in which they are set.
std::string parsed(const std::string& keys) {
  const cni::Request request = request_with(keys);
  std::string all;
  for (const tuning::Sysctl& one : tuning::parse_sysctls(request)) {
    all += (all.empty() ? "" : ", ") + one.path + "=" + one.value;
  }
  return all;
}

std::string rejection(const std::string& keys) {
  return error_of([&] { parsed(keys); });
}

std::string path_rejection(std::string_view key) {
  return error_of([&] { tuning::path_of(key, "eth0"); });
}

std::string invalid(const std::string& key) {
  return "7: invalid net sysctl key: \"" + key +
         "\" [sysctl: allowed: names below net, for example net.ipv4.conf.IFNAME.arp_filter; IFNAME stands for the "
         "interface]";
}

}  // namespace

TEST_CASE("dots and slashes both separate the parts of a key") {
  CHECK(tuning::path_of("net.ipv4.ip_forward", "eth0") == "net/ipv4/ip_forward");
  CHECK(tuning::path_of("net/ipv4/ip_forward", "eth0") == "net/ipv4/ip_forward");
  CHECK(tuning::path_of("/net//ipv4/ip_forward", "eth0") == "net/ipv4/ip_forward");
  CHECK(tuning::path_of("net..ipv4.ip_forward", "eth0") == "net/ipv4/ip_forward");
}

TEST_CASE("the first IFNAME becomes the interface's name, dots included") {
  CHECK(tuning::path_of("net.ipv4.conf.IFNAME.arp_filter", "eth0") == "net/ipv4/conf/eth0/arp_filter");
  CHECK(tuning::path_of("net.ipv4.conf.IFNAME.arp_filter", "eth0.5") == "net/ipv4/conf/eth0.5/arp_filter");
  CHECK(tuning::path_of("net.ipv4.conf.IFNAME.IFNAME", "eth0") == "net/ipv4/conf/eth0/IFNAME");
  CHECK(tuning::path_of("net.ipv4.conf.eth0.5.arp_filter", "eth0.5") == "net/ipv4/conf/eth0/5/arp_filter");
  CHECK(tuning::path_of("net.ipv4.conf.eth0/5.arp_filter", "eth0.5") == "net/ipv4/conf/eth0.5/arp_filter");
  CHECK(tuning::path_of("net/ipv4/conf/eth0.5/arp_filter", "eth0.5") == "net/ipv4/conf/eth0.5/arp_filter");
}

TEST_CASE("STATUS has no interface, and keeps the placeholder") {
  CHECK(tuning::path_of("net.ipv4.conf.IFNAME.arp_filter", "") == "net/ipv4/conf/IFNAME/arp_filter");
}

TEST_CASE("a key that is not below net is rejected") {
  for (const char* key : {"kernel.domainname", "net", "net.", "netx.a", "", ".", "IFNAME.net", "vm/../net/ipv4"}) {
    CHECK(path_rejection(key) == invalid(key));
  }
  CHECK(path_rejection(std::string_view("net.ipv4\0.x", 11)).starts_with("7: invalid net sysctl key"));
}

TEST_CASE("a key cannot escape from net") {
  CHECK(error_of([] { tuning::path_of("net/../kernel/domainname", "eth0"); }) == invalid("net/../kernel/domainname"));
  CHECK(error_of([] { tuning::path_of("net.//.kernel", "eth0"); }) == invalid("net.//.kernel"));
  CHECK(error_of([] { tuning::path_of("net/./ipv4", "eth0"); }) == invalid("net/./ipv4"));
  CHECK(error_of([] { tuning::path_of("net/IFNAME/IFNAME", ".."); }) == invalid("net/IFNAME/IFNAME"));
}

TEST_CASE("sysctls are set in the order of their paths, those for all interfaces first") {
  CHECK(
      parsed(
          R"("sysctl": {"net.ipv6.x": "3", "net.ipv4.y": "2", "net.ipv4.conf.IFNAME.arp_filter": "0", "net.ipv4.a": "5",
                             "net.ipv4.conf.all.arp_filter": "1"})") ==
      "net/ipv4/conf/all/arp_filter=1, net/ipv4/a=5, net/ipv4/conf/eth0/arp_filter=0, net/ipv4/y=2, net/ipv6/x=3");
}

TEST_CASE("ip_forward counts as a sysctl for all interfaces") {
  CHECK(parsed(R"("sysctl": {"net.ipv4.conf.IFNAME.forwarding": "0", "net.ipv4.ip_forward": "1"})") ==
        "net/ipv4/ip_forward=1, net/ipv4/conf/eth0/forwarding=0");
}

TEST_CASE("a configuration may have no sysctls") {
  CHECK(parsed(R"("sysctl": {})").empty());
  CHECK(parsed(R"("sysctl": null)").empty());
  CHECK(parsed(R"("sysctl": {"net.ipv4.x": null})").empty());
  CHECK(parsed(R"("args": {"cni": {}})").empty());
}

TEST_CASE("args.cni adds sysctls and overrides them in either spelling") {
  CHECK(parsed(R"("args": {"cni": {"sysctl": {"net.ipv4.x": "1"}}})") == "net/ipv4/x=1");
  CHECK(
      parsed(R"("sysctl": {"net.ipv4.x": "0", "net.ipv4.y": "0"}, "args": {"cni": {"sysctl": {"net/ipv4/x": "1"}}})") ==
      "net/ipv4/x=1, net/ipv4/y=0");
}

TEST_CASE("a duplicate key is rejected, although JSON keeps only the last one") {
  const std::string details = " [sysctl: allowed: each key once, in one spelling]";
  const std::string twice = "7: duplicated sysctl keys are not allowed: \"net.ipv4.x\"" + details;
  CHECK(rejection(R"("sysctl": {"net.ipv4.x": "0", "net.ipv4.x": "1"})") == twice);
  CHECK(rejection(R"("SysCtl": {"net.ipv4.x": "0", "net.ipv4.x": "0"})") == twice);
  CHECK(rejection(R"("sysctl": {"net.ipv4.x": "0"}, "sysctl": {"net.ipv4.x": "1"})") == twice);
  CHECK(rejection(R"("args": {"cni": {"sysctl": {"net.ipv4.x": "0", "net.ipv4.x": "1"}}})") == twice);
  CHECK(rejection(R"("sysctl": {"net.ipv4.x": "0", "net/ipv4/x": "1"})") ==
        "7: duplicated sysctl keys are not allowed: \"net/ipv4/x\"" + details);
}

TEST_CASE("equal keys elsewhere are not duplicates") {
  CHECK(parsed(R"("sysctl": {"net.ipv4.x": "0"}, "args": {"cni": {"sysctl": {"net.ipv4.x": "0"}}},
                  "other": {"net.ipv4.x": "0", "net.ipv4.x": "1", "sysctl": {"a": 1, "a": 2}},
                  "list": [{"sysctl": {"a": 1, "a": 1}}, [[{"a": 1, "a": 1}]]])") == "net/ipv4/x=0");
}

TEST_CASE("a value must be a string") {
  CHECK(rejection(R"("sysctl": {"net.ipv4.x": 1})") ==
        "7: failed to load netconf: sysctl.net.ipv4.x: 1 is a number; allowed: a string");
  CHECK(rejection(R"("sysctl": ["net.ipv4.x=1"])") ==
        "7: failed to load netconf: sysctl: [\"net.ipv4.x=1\"] is a list; allowed: an object");
  CHECK(parsed(R"("sysctl": {"net.ipv4.x": ""})") == "net/ipv4/x=");
}
