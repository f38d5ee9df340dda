// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <doctest/doctest.h>

#include "tests/ipam/host-local/call.h"

namespace {

using Files = std::map<std::string, std::string>;

const std::string kSubnet = R"("subnet": "10.1.0.0/24")";

std::string worked_example(const std::string& version) {
  return R"({"cniVersion":")" + version +
         R"(","name":"n","type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local",)"
         R"("subnet":"10.1.0.0/24","routes":[{"dst":"0.0.0.0/0"}],"dataDir":"DIR"}})";
}

}  // namespace

TEST_CASE("the first ADD of version 1.0.0 prints the bytes and writes the files of the reference") {
  const Host host;
  CHECK(host.add("c1", worked_example("1.0.0")) == R"({
    "cniVersion": "1.0.0",
    "ips": [
        {
            "address": "10.1.0.2/24",
            "gateway": "10.1.0.1"
        }
    ],
    "routes": [
        {
            "dst": "0.0.0.0/0"
        }
    ]
})");
  CHECK(host.directory().files("n") ==
        Files{{"10.1.0.2", "c1\r\neth0"}, {"last_reserved_ip.0", "10.1.0.2"}, {"lock", ""}});
}

TEST_CASE("version 0.4.0 contains the family of each address, and an empty dns") {
  const Host host;
  CHECK(host.add("c1", worked_example("0.4.0")) == R"({
    "cniVersion": "0.4.0",
    "ips": [
        {
            "version": "4",
            "address": "10.1.0.2/24",
            "gateway": "10.1.0.1"
        }
    ],
    "routes": [
        {
            "dst": "0.0.0.0/0"
        }
    ],
    "dns": {}
})");
}

TEST_CASE("version 0.2.0 has one object per family") {
  const Host host;
  CHECK(host.add("c1", worked_example("0.2.0")) == R"({
    "cniVersion": "0.2.0",
    "ip4": {
        "ip": "10.1.0.2/24",
        "gateway": "10.1.0.1",
        "routes": [
            {
                "dst": "0.0.0.0/0"
            }
        ]
    },
    "dns": {}
})");
}

TEST_CASE("each set allocates one address: the sets of the runtime, the single range, then the list") {
  const Host host;
  const std::string ranges = config(
      R"("subnet": "10.1.0.0/24", "rangeStart": "10.1.0.9", "gateway": "10.1.0.254",
         "ranges": [[{"subnet": "fd00:1::/64"}], [{"subnet": "10.3.0.0/29"}, {"subnet": "10.4.0.0/29"}]])",
      R"("runtimeConfig": {"ipRanges": [[{"subnet": "10.2.0.0/24", "rangeStart": "10.2.0.7"}]]})");
  CHECK(host.addresses("c1", ranges) == "10.2.0.7/24 10.1.0.9/24 fd00:1::2/64 10.3.0.2/29");
  const cni::Json second = cni::Json::parse(host.add("c2", ranges));
  CHECK(second["ips"][1]["gateway"] == "10.1.0.254");
  CHECK(host.directory().read("n/last_reserved_ip.3") == "10.3.0.3");
}

TEST_CASE("routes are copied with all their keys") {
  const Host host;
  const cni::Json result = cni::Json::parse(host.add("c1", config(kSubnet + R"(, "routes": [
      {"dst": "192.168.7.9/16", "gw": "10.1.0.1", "mtu": 1400, "advmss": 1360, "priority": 5, "table": 100, "scope": 0},
      {"dst": "fd00::/8"}])")));
  CHECK(result["routes"] == cni::Json::parse(R"([{"dst": "192.168.7.9/16", "gw": "10.1.0.1", "mtu": 1400,
      "advmss": 1360, "priority": 5, "table": 100, "scope": 0}, {"dst": "fd00::/8"}])"));
}

TEST_CASE("dns comes from the file of resolvConf, not from the network's dns") {
  const Host host;
  host.directory().write("resolv.conf", "nameserver 10.0.0.53\nsearch a.example b.example\n");
  const cni::Json result = cni::Json::parse(
      host.add("c1", config(kSubnet + R"(, "resolvConf": "DIR/resolv.conf")", R"("dns": {"domain": "other"})")));
  CHECK(result["dns"] == cni::Json::parse(R"({"nameservers": ["10.0.0.53"], "search": ["a.example", "b.example"]})"));
}

TEST_CASE("a resolvConf that cannot be read fails ADD before an address is allocated") {
  const Host host;
  const std::string missing = host.directory().path("missing");
  CHECK(host.refusal(config(kSubnet + R"(, "resolvConf": "DIR/missing")")) ==
        "7: open " + missing +
            ": No such file or directory [ipam.resolvConf must be the path of a resolv.conf file of at "
            "most 1 MiB]");
  CHECK(host.refusal(config(kSubnet + R"(, "resolvConf": "DIR")")).starts_with("7: open " + host.directory().path()));
  host.directory().write("large", std::string((1U << 20U) + 1, '#'));
  CHECK(host.refusal(config(kSubnet + R"(, "resolvConf": "DIR/large")")).find(": it is too large") !=
        std::string::npos);
  CHECK_FALSE(host.directory().has("n"));
}

TEST_CASE("CNI_ARGS, args.cni.ips and runtimeConfig.ips request addresses") {
  const Host host;
  CHECK(host.addresses("c1", config(kSubnet), "IP=10.1.0.10") == "10.1.0.10/24");
  CHECK(host.addresses("c2", config(kSubnet), "IP=10.1.0.11/16") == "10.1.0.11/24");
  CHECK(host.addresses("c3", config(kSubnet, R"("args": {"cni": {"ips": ["10.1.0.12"]}})")) == "10.1.0.12/24");
  CHECK(host.addresses("c4", config(kSubnet, R"("runtimeConfig": {"ips": ["10.1.0.13/24"]})")) == "10.1.0.13/24");
  CHECK(host.addresses("c5", config(kSubnet), "IgnoreUnknown=1;K8S_POD_NAME=p;IP=10.1.0.14") == "10.1.0.14/24");
}

TEST_CASE("all requests are combined, and a duplicate counts once") {
  const Host host;
  const std::string both = config(R"("ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]])",
                                  R"("args": {"cni": {"ips": ["10.1.0.20", "fd00:1::20"]}},
                                     "runtimeConfig": {"ips": ["FD00:1:0::20/64", "10.1.0.20/24"]})");
  CHECK(host.addresses("c1", both, "IP=10.1.0.20") == "10.1.0.20/24 fd00:1::20/64");
}

TEST_CASE("the error for a request that cannot be served contains the address, its owner or the ranges") {
  const Host host;
  CHECK(host.refusal(config(kSubnet), "IP=10.2.0.1") ==
        "999: failed to allocate all requested IPs: 10.2.0.1; allowed: one address of each range set: "
        "10.1.0.1-10.1.0.254");
  CHECK(host.refusal(config(kSubnet), "IP=10.1.0.1") ==
        "999: failed to allocate for range 0: requested ip 10.1.0.1 is subnet's gateway");
  host.add("c9", config(kSubnet), "IP=10.1.0.9");
  CHECK(host.refusal(config(kSubnet), "IP=10.1.0.9") ==
        "999: failed to allocate for range 0: requested IP address 10.1.0.9 is not available in range set "
        "10.1.0.1-10.1.0.254: it belongs to container c9 (eth0)");
}

TEST_CASE("DEL releases the attachment's addresses and no others, also when repeated") {
  const Host host;
  const std::string two = config(R"("ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]])");
  host.add("c1", two);
  host.add("c2", two);
  CHECK(host.call({"ADD", "c1", "", "eth1"}, two).exit_code == 0);
  for (int time = 0; time < 2; ++time) {
    const cni::Answer answer = host.call({"DEL", "c1"}, two);
    CHECK(answer.exit_code == 0);
    CHECK(answer.out.empty());
  }
  CHECK(host.directory().files("n") == Files{{"10.1.0.3", "c2\r\neth0"},
                                             {"10.1.0.4", "c1\r\neth1"},
                                             {"fd00:1::3", "c2\r\neth0"},
                                             {"fd00:1::4", "c1\r\neth1"},
                                             {"last_reserved_ip.0", "10.1.0.4"},
                                             {"last_reserved_ip.1", "fd00:1::4"},
                                             {"lock", ""}});
}

TEST_CASE("DEL of nothing succeeds and creates nothing") {
  const Host host;
  CHECK(host.call({"DEL", "c1"}, config(kSubnet)).exit_code == 0);
  CHECK(host.directory().files().empty());
}

TEST_CASE("DEL works if the rest of the configuration has become invalid") {
  for (const char* bad :
       {R"("subnet": "10.1.0.5/24")", R"("ranges": 5)", R"("subnet": 7, "routes": "none")", R"("ranges": [])"}) {
    const Host host;
    host.add("c1", config(kSubnet));
    const cni::Answer answer =
        host.call({"DEL", "c1", "no pair at all"}, config(bad, R"("runtimeConfig": {"ips": "x"})"));
    CHECK_MESSAGE(answer.exit_code == 0, answer.out);
    CHECK_FALSE(host.directory().has("n/10.1.0.2"));
  }
}

TEST_CASE("DEL fails if the directory is unknown") {
  const Host host;
  CHECK(host.refusal_of({"DEL", "c1"}, R"({"cniVersion": "1.0.0", "name": "n", "ipam": {"dataDir": 5}})") ==
        "7: failed to load netconf: ipam.dataDir: 5 is a number; allowed: a string");
}

TEST_CASE("CHECK requires an address of the attachment, in either format") {
  const Host host;
  const std::string subnet = config(kSubnet);
  CHECK(host.refusal_of({"CHECK", "c1"}, subnet) ==
        "100: host-local: Failed to find address added by container c1 [no file in " + host.directory().path("n") +
            " names it with interface eth0]");
  CHECK(host.directory().files().empty());
  host.add("c1", subnet);
  CHECK(host.call({"CHECK", "c1"}, subnet).exit_code == 0);
  CHECK(host.refusal_of({"CHECK", "c1", "", "eth1"}, subnet).starts_with("100: host-local: Failed to find address"));
  host.directory().write("n/10.1.0.77", "old");
  CHECK(host.call({"CHECK", "old"}, subnet).exit_code == 0);
  CHECK(host.call({"CHECK", "c1"}, config(R"("subnet": "10.1.0.5/24")")).exit_code == 0);
}

TEST_CASE("the error for an unusable store names it") {
  const Host host;
  host.directory().write("n", "a file");
  const std::string expected =
      "999: address store " + host.directory().path("n") + ": open " + host.directory().path("n") + ": Not a directory";
  CHECK(host.refusal(config(kSubnet)) == expected);
  CHECK(host.refusal_of({"DEL", "c1"}, config(kSubnet)) ==
        expected);  // the addresses were in the directory that it replaced
}

TEST_CASE("without CNI_COMMAND it prints its name and versions") {
  const cni::Answer answer = cni::answer(host_local::plugin(), {}, [] { return std::string(); });
  CHECK(answer.err.starts_with("CNI host-local plugin "));
}
