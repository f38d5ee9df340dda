// SPDX-License-Identifier: Apache-2.0
// What macspoofchk and ipspoofchk keep in table bridge footbridge, and when it goes.
#include <doctest/doctest.h>

#include "lib/ruleset/table.h"
#include "plugins/bridge/spoof.h"
#include "tests/lib/cni/call.h"
#include "tests/netns/host.h"

using test::call;
using test::Host;
using test::Json;

namespace {

const Json kChecked = Json::parse(R"({"cniVersion": "1.1.0", "name": "n", "type": "bridge", "bridge": "cni0",
  "ipspoofchk": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]]}})");

Json with(const Json& keys) {
  Json config = kChecked;
  config.update(keys);
  return config;
}

std::string table(const Host& host) { return host.run({"nft", "list", "table", "bridge", "footbridge"}); }
bool is_mentioned(const Host& host, const std::string& what) { return table(host).find(what) != std::string::npos; }

Json added(const std::string& id, const std::string& netns, const Json& config) {
  const auto outcome = call({"bridge", "ADD", id, netns, config.dump()});
  REQUIRE_MESSAGE(outcome.ok(), outcome.out);
  return outcome.json();
}

std::string refusal(const test::Outcome& outcome) {
  return outcome.ok()
             ? ""
             : std::to_string(outcome.json()["code"].get<int>()) + ": " + outcome.json()["msg"].get<std::string>();
}

}  // namespace

TEST_CASE("DEL removes what is the container's and nobody else's, whatever it is told and not told") {
  Host host;
  for (const bool has_netns : {true, false}) {
    for (const Json& config : {kChecked, with({{"ipspoofchk", nullptr}})}) {
      added("c1", host.add_netns("x"), kChecked);
      added("c2", host.add_netns("y"), kChecked);
      CHECK(is_mentioned(host, "n/c1/eth0"));
      REQUIRE(call({"bridge", "DEL", "c1", has_netns ? "/run/netns/x" : "", config.dump()}).ok());
      CHECK(!is_mentioned(host, "n/c1/eth0"));
      CHECK(is_mentioned(host, "n/c2/eth0"));
      REQUIRE(call({"bridge", "DEL", "c1", "", config.dump()}).ok());
      REQUIRE(call({"bridge", "DEL", "c2", "", config.dump()}).ok());
      CHECK(!is_mentioned(host, "elements"));
      host.remove_netns("x");
      host.remove_netns("y");
    }
  }
}

TEST_CASE("a container costs elements and no rule") {
  Host host;
  added("c1", host.add_netns("x"), kChecked);
  const auto rules = [&] {
    return host.run({"sh", "-c", "nft list table bridge footbridge | grep -c 'drop$\\|accept$'"});
  };
  const std::string before = rules();
  added("c2", host.add_netns("y"), kChecked);
  CHECK(rules() == before);
}

TEST_CASE("an ADD that fails takes its elements back") {
  Host host;
  added("c1", host.add_netns("x"), kChecked);
  const std::string before = table(host);
  const Json config =
      with({{"isGateway", true},
            {"ipam", {{"type", "static"}, {"addresses", Json::array({{{"address", "10.9.0.2/24"}}})}}}});
  host.run({"ip", "address", "add", "10.8.0.1/16", "dev", "cni0"});
  CHECK(refusal(call({"bridge", "ADD", "c2", host.add_netns("y"), config.dump()}))
            .starts_with("999: failed to set bridge addr"));
  CHECK(table(host) == before);
}

TEST_CASE("an ADD after one that was killed finds its own elements, and puts the new MAC address in") {
  Host host;
  const std::string netns = host.add_netns("x");
  const Json first = added("c1", netns, with({{"runtimeConfig", {{"mac", "0a:00:00:00:00:01"}}}}));
  const std::string port = first["interfaces"][1]["name"];
  CHECK(is_mentioned(host, "\"" + port + "\" . 0a:00:00:00:00:01"));
  host.run({"ip", "link", "delete", port});
  host.run({"rm", "-r", "/var/lib/cni/networks/n"});
  added("c1", netns,
        with({{"macspoofchk", true}, {"ipspoofchk", false}, {"runtimeConfig", {{"mac", "0a:00:00:00:00:02"}}}}));
  CHECK(is_mentioned(host, "\"" + port + "\" . 0a:00:00:00:00:02"));
  CHECK(!is_mentioned(host, "0a:00:00:00:00:01"));
  CHECK(!is_mentioned(host, "10.1.0.2"));
}

TEST_CASE("GC removes what belongs to containers that are not alive") {
  Host host;
  added("c1", host.add_netns("x"), kChecked);
  added("c2", host.add_netns("y"), kChecked);
  Json config = kChecked;
  config["cni.dev/valid-attachments"] = Json::array({{{"containerID", "c2"}, {"ifname", "eth0"}}});
  const auto collected = call({"bridge", "GC", {}, {}, config.dump(), {}});
  CHECK_MESSAGE(collected.ok(), collected.out);
  CHECK(!is_mentioned(host, "n/c1/eth0"));
  CHECK(is_mentioned(host, "n/c2/eth0"));
}

TEST_CASE("CHECK tells what of the checks is lost, and the plugin makes it again from prevResult alone") {
  Host host;
  const std::string netns = host.add_netns("x");
  const Json previous = added("c1", netns, kChecked);
  const std::string config = test::with_previous(kChecked.dump(), previous);
  const test::Call check{"bridge", "CHECK", "c1", netns, config};
  CHECK(refusal(call(check)).empty());
  const std::string before = table(host);
  const std::string port = previous["interfaces"][1]["name"];
  SUBCASE("an element") {
    host.run({"nft", "delete element bridge footbridge ips4 { \"" + port + "\" . 10.1.0.2 }"});
    CHECK(refusal(call(check)).find("missing: nft add element bridge footbridge ips4 { \"" + port + "\" . 10.1.0.2") !=
          std::string::npos);
  }
  SUBCASE("a rule") {
    host.run({"nft", "flush", "chain", "bridge", "footbridge", "arps"});
    CHECK(refusal(call(check)).find("table bridge footbridge: expected intact, found chains or rules missing") !=
          std::string::npos);
    host.run({"nft", "delete element bridge footbridge checked { \"" + port + "\" }"});
  }
  SUBCASE("everything") {
    host.run({"nft", "flush", "ruleset"});
    CHECK(refusal(call(check)).find("table bridge footbridge: expected intact") != std::string::npos);
  }
  const cni::Request request = request_of(config, {{"CNI_COMMAND", "ADD"},
                                                   {"CNI_CONTAINERID", "c1"},
                                                   {"CNI_NETNS", netns},
                                                   {"CNI_IFNAME", "eth0"},
                                                   {"CNI_PATH", test::bin()}});
  plan::Kernel kernel(netns);
  bridge::restore_checks(kernel, bridge::parse_config(request), request.previous_result().value());
  CHECK(refusal(call(check)).empty());
}

TEST_CASE("the link-local address is that of the MAC, where the container would have had another one too") {
  Host host;
  const std::string netns = host.add_netns("x");
  host.run({"sysctl", "-q", "net.ipv6.conf.default.addr_gen_mode=3"}, "x");
  const Json result = added("c1", netns, with({{"isGateway", true}}));
  const std::string mac = result["interfaces"][2]["mac"];
  const std::string local = bridge::link_local_of(net::Mac::parse(mac).value()).text();
  CHECK(host.run({"sysctl", "-n", "net.ipv6.conf.eth0.addr_gen_mode"}, "x") == "0\n");
  CHECK(is_mentioned(host, "\" . " + local));
  host.run({"ping", "-6", "-c", "1", "-W", "5", "-I", "eth0", "ff02::1"}, "x");
}

TEST_CASE("STATUS tells when the table cannot be made") {
  Host host;
  CHECK(refusal(call({"bridge", "STATUS", {}, {}, kChecked.dump(), {}})).empty());
  const auto output = host.try_run({},
                                   {"setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", "env",
                                    "CNI_COMMAND=STATUS", "CNI_PATH=" + test::bin(), test::bin() + "/bridge"},
                                   kChecked.dump());
  CHECK(output.out.find("table bridge footbridge cannot be used") != std::string::npos);
}
