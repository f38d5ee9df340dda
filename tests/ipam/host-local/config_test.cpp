// SPDX-License-Identifier: Apache-2.0
#include "ipam/host-local/config.h"

#include <doctest/doctest.h>

#include "tests/ipam/host-local/call.h"

TEST_CASE("the error for a missing ipam or range says what is missing") {
  const Host host;
  CHECK(host.refusal(R"({"cniVersion": "1.0.0", "name": "n"})").starts_with("7: IPAM config missing 'ipam' key ["));
  CHECK(host.refusal(config(R"("ranges": [])")).starts_with("7: no IP ranges specified ["));
  CHECK(host.refusal(config(R"("rangeStart": "10.1.0.5")")).starts_with("7: no IP ranges specified ["));
  CHECK(host.refusal(config(R"("ranges": [[]])")) ==
        "7: invalid range set 0: empty range set; it must hold at least one range with a subnet");
}

TEST_CASE("a value of the wrong type or form is reported with its key and the allowed values") {
  const Host host;
  CHECK(host.refusal(config(R"("subnet": 10)")) ==
        "7: failed to load netconf: ipam.subnet: 10 is a number; allowed: a string");
  CHECK(
      host.refusal(config(R"("subnet": "10.1.0.0")")) ==
      "7: failed to load netconf: ipam.subnet: bad value \"10.1.0.0\"; allowed: a network with its prefix length, like "
      "10.1.0.0/16 or fd00:1::/64");
  CHECK(host.refusal(config(R"("ranges": [[{"rangeStart": "10.1.0.1"}]])"))
            .starts_with("7: failed to load netconf: ipam.ranges[0][0].subnet: it is missing; allowed: a network"));
  CHECK(host.refusal(config(R"("ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.0.256"}]])")) ==
        "7: failed to load netconf: ipam.ranges[0][0].gateway: bad value \"10.1.0.256\"; allowed: an IPv4 or IPv6 "
        "address");
  CHECK(
      host.refusal(config(R"("ranges": [{"subnet": "10.1.0.0/24"}])"))
          .starts_with(
              "7: failed to load netconf: ipam.ranges[0]: {\"subnet\":\"10.1.0.0/24\"} is an object; allowed: a list"));
  CHECK(
      host.refusal(config(R"("subnet": "10.1.0.0/24", "routes": [{"dst": "10.0.0.0"}])"))
          .starts_with("7: failed to load netconf: ipam.routes[0].dst: bad value \"10.0.0.0\"; allowed: a network like "
                       "10.2.0.0/16; 0.0.0.0/0 or ::/0 for the default route"));
}

TEST_CASE("an invalid range is reported with the number of the set and its path") {
  const Host host;
  CHECK(host.refusal(config(
            R"("ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.2.0.0/24"}, {"subnet": "10.3.0.1/24"}]])")) ==
        "7: invalid range set 1: Network has host bits set. For a subnet mask of length 24 the network address is "
        "10.3.0.0; subnet is 10.3.0.1/24, allowed: 10.3.0.0/24, in ipam.ranges[1][1]");
  CHECK(host.refusal(config(R"("subnet": "10.1.0.0/32")"))
            .starts_with("7: invalid range set 0: Network 10.1.0.0/32 too small to allocate from without a gateway;"));
  CHECK(host.refusal(config(R"("ranges": [[{"subnet": "10.1.0.0/24"}, {"subnet": "fd00::/64"}]])"))
            .starts_with("7: invalid range set 0: mixed address families"));
  CHECK(host.refusal(config(R"("ranges": [[{"subnet": "10.1.0.0/24"}, {"subnet": "10.1.0.0/25"}]])"))
            .starts_with("7: invalid range set 0: subnets 10.1.0.1-10.1.0.254 and 10.1.0.1-10.1.0.126 overlap"));
  CHECK(host.refusal(config(R"("subnet": "10.1.0.0/24", "ranges": [[{"subnet": "10.1.0.0/25"}]])"))
            .starts_with("7: range set 0 overlaps with 1"));
}

TEST_CASE("before version 0.3.0 one address per family is allowed") {
  const Host host;
  const std::string one = R"("ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00::/64"}]])";
  const std::string two = R"("ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.2.0.0/24"}]])";
  CHECK(host.call({"ADD", "c1"}, config(one, "", "0.2.0")).exit_code == 0);
  CHECK(host.refusal(config(two, "", "0.2.0"))
            .starts_with("7: CNI version 0.2.0 does not support more than 1 address per family ["));
  CHECK(host.refusal(R"({"name": "n", "ipam": {)" + two + "}}")
            .starts_with("7: CNI version 0.1.0 does not support more than 1 address per family ["));
  CHECK(host.call({"ADD", "c2"}, config(two, "", "0.3.0")).exit_code == 0);
}

TEST_CASE("keys match in any case, and null and an empty address count as absent") {
  const Host host;
  CHECK(
      host.addresses("c1", config(R"("SUBNET": "10.1.0.0/24", "rangestart": "10.1.0.7", "RangeEnd": "", "gateway": null,
                                       "ranges": null, "routes": null)",
                                  R"("args": null, "runtimeConfig": null)")) == "10.1.0.7/24");
}

TEST_CASE("a request that is not an address is rejected with its path") {
  const Host host;
  const std::string subnet = R"("subnet": "10.1.0.0/24")";
  CHECK(host.refusal(config(subnet), "IP=10.1.0") ==
        "4: ARGS: error parsing value of pair \"IP=10.1.0\": invalid IP address 10.1.0; IP in CNI_ARGS must be an IPv4 "
        "or "
        "IPv6 address");
  CHECK(host.refusal(config(subnet, R"("runtimeConfig": {"ips": ["10.1.0.2", "red"]})")) ==
        "7: invalid IP address red: runtimeConfig.ips[1] must be an IPv4 or IPv6 address");
  CHECK(host.refusal(config(subnet, R"("args": {"cni": {"ips": ["10.1.0.2/33"]}})")) ==
        "7: invalid IP address 10.1.0.2/33: args.cni.ips[0] must be an IPv4 or IPv6 address");
  CHECK(host.refusal(config(subnet, R"("runtimeConfig": {"ips": "10.1.0.2"})"))
            .starts_with("7: failed to load netconf: runtimeConfig.ips: \"10.1.0.2\" is a string; allowed: a list"));
}

TEST_CASE("CNI_ARGS may contain IP, and other keys only with IgnoreUnknown") {
  const Host host;
  const std::string subnet = config(R"("subnet": "10.1.0.0/24")");
  CHECK(host.refusal(subnet, "IP=10.1.0.2;MAC=0a:00:00:00:00:01")
            .starts_with("4: ARGS: unknown args [\"MAC=0a:00:00:00:00:01\"]"));
  CHECK(host.addresses("c1", subnet, "MAC=0a:00:00:00:00:01;IgnoreUnknown=true;IP=10.1.0.8") == "10.1.0.8/24");
}

TEST_CASE("ten thousand ranges or requests are rejected") {
  const Host host;
  std::string ranges;
  std::string requests;
  for (int i = 0; i < 10000; ++i) {
    const std::string network = "10." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    ranges += (i == 0 ? "" : ",") + (R"([{"subnet": ")" + network + R"(.0/24"}])");
    requests += (i == 0 ? "" : ",") + ("\"" + network + ".9\"");
  }
  CHECK(host.refusal(config("\"ranges\": [" + ranges + "]")) ==
        "7: too many IP ranges: 10000; ipam.ranges may have at most 1000");
  CHECK(host.refusal(config(R"("subnet": "10.0.0.0/8")", "\"runtimeConfig\": {\"ips\": [" + requests + "]}")) ==
        "7: too many IP addresses requested: 10000; args.cni.ips and runtimeConfig.ips may have at most 1000");
}

TEST_CASE("the default of dataDir is the reference's") {
  cni::Request request;
  request.config = cni::Json::parse(R"({"ipam": {"dataDir": ""}})");
  CHECK(host_local::parse_data_dir(request) == "/var/lib/cni/networks");
  request.config = cni::Json::parse("{}");
  CHECK(host_local::parse_data_dir(request) == "/var/lib/cni/networks");
}

TEST_CASE("excluded addresses and networks are not allocated, in any set") {
  const Host host;
  const std::string excluding = config(
      R"("ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]],
         "exclude": ["10.1.0.0/28", "10.1.0.17", "192.0.2.0/24", "fd00:1::/120"])");
  CHECK(host.addresses("c1", excluding) == "10.1.0.16/24 fd00:1::100/64");
  CHECK(host.addresses("c2", excluding) == "10.1.0.18/24 fd00:1::101/64");
  CHECK(host.refusal(excluding, "IP=10.1.0.7") ==
        "999: failed to allocate for range 0: requested IP address 10.1.0.7 is not available in range set "
        "10.1.0.1-10.1.0.254: ipam.exclude contains it");
}

TEST_CASE("an invalid exclusion is reported with its path and the allowed values") {
  const Host host;
  const std::string subnet = R"("subnet": "10.1.0.0/24", "exclude": )";
  CHECK(host.refusal(config(subnet + R"(["10.1.0.9", "10.1.0.9/28"])")) ==
        "7: invalid exclusion 10.1.0.9/28: ipam.exclude[1] must be an address or a network without host bits, like "
        "10.1.0.77 or 10.1.0.64/28");
  CHECK(host.refusal(config(subnet + R"(["red"])")).starts_with("7: invalid exclusion red: ipam.exclude[0] must be"));
  CHECK(host.refusal(config(subnet + R"("10.1.0.9")"))
            .starts_with("7: failed to load netconf: ipam.exclude: \"10.1.0.9\" is a string; allowed: a list"));
  CHECK(host.refusal(config(subnet + R"(["10.0.0.0/8"])")) ==
        "7: invalid range set 0: no address is left in 10.1.0.1-10.1.0.254: ipam.exclude must leave one "
        "besides the gateway");
  std::string many;
  for (int i = 0; i <= 1000; ++i) many += (i == 0 ? "\"" : ",\"") + std::string("10.1.0.9\"");
  CHECK(host.refusal(config(subnet + "[" + many + "]")) ==
        "7: too many exclusions: 1001; ipam.exclude may have at most 1000");
}
