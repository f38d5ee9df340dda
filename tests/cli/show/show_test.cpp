// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include <string>

#include <doctest/doctest.h>

#include "cli/show/observation.h"
#include "cli/show/snapshot.h"

namespace {

const net::Owner kRed{"net", "red", "eth0"};
const net::Owner kBlue{"net", "blue", "eth0"};

net::Prefix prefix(const char* text) { return *net::Prefix::parse(text); }
nft::Value address(const char* text) { return nft::value(*net::Address::parse(text)); }

netlink::Link link(std::uint32_t index, const std::string& name, const std::string& kind) {
  netlink::Link link;
  link.index = index;
  link.name = name;
  link.kind = kind;
  link.is_up = true;
  return link;
}

netlink::Link host_end(std::uint32_t index, const net::Owner& owner, std::uint32_t bridge) {
  netlink::Link veth = link(index, owner.host_end().text(), "veth");
  veth.alias = owner.text();
  veth.master = bridge;
  return veth;
}

cli::Observation two_containers() {
  cli::Observation seen;
  seen.links = {link(1, "lo", ""), link(2, "v-net-0", "bridge"), host_end(3, kRed, 2), host_end(4, kBlue, 2)};
  seen.bridge_addresses[2] = {prefix("192.168.15.1/24"), prefix("fe80::1/64")};
  seen.inner_addresses[3] = {prefix("192.168.15.2/24"), prefix("fe80::2/64")};
  seen.inner_addresses[4] = {prefix("192.168.15.3/24"), prefix("fd00:15::3/64")};
  seen.owners = {{"owners4", {kRed.host_end().text(), nft::Mark{0}}, {address("192.168.15.2")}, kRed.comment()},
                 {"owners4", {kBlue.host_end().text(), nft::Mark{0}}, {address("192.168.15.3")}, kBlue.comment()}};
  seen.published = {{"hostport4",
                     {nft::Protocol{IPPROTO_UDP}, nft::Port{5353}},
                     {address("192.168.15.3"), nft::Port{53}},
                     kBlue.comment()},
                    {"hostip4",
                     {address("192.168.1.2"), nft::Protocol{IPPROTO_TCP}, nft::Port{80}},
                     {address("192.168.15.3"), nft::Port{80}},
                     kBlue.comment()},
                    {"hostip6",
                     {address("::1"), nft::Protocol{IPPROTO_TCP}, nft::Port{8080}},
                     {address("fd00:15::3"), nft::Port{80}},
                     kBlue.comment()}};
  seen.local = {{"local4", {prefix("192.168.15.0/24"), prefix("192.168.15.0/24")}, {}, "net"}};
  return seen;
}

}  // namespace

TEST_CASE("a container whose names are too long for an alias is one attachment, and its network is known") {
  const net::Owner owner{"net", std::string(260, 'c'), "eth0"};
  cli::Observation seen;
  seen.links = {link(2, "v-net-0", "bridge"), host_end(3, owner, 2)};
  seen.links.back().alias = owner.alias();
  seen.inner_addresses[3] = {prefix("192.168.15.2/24")};
  seen.owners = {{"owners4", {owner.host_end().text(), nft::Mark{0}}, {address("192.168.15.2")}, owner.comment()}};
  seen.published = {{"hostport4",
                     {nft::Protocol{IPPROTO_UDP}, nft::Port{5353}},
                     {address("192.168.15.2"), nft::Port{53}},
                     owner.comment()}};
  const cli::Snapshot snapshot = cli::assemble(seen);
  REQUIRE(snapshot.networks.size() == 1);
  CHECK(snapshot.networks[0].name == "net");
  REQUIRE(snapshot.networks[0].attachments.size() == 1);
  CHECK(snapshot.networks[0].attachments[0].host_interface == owner.host_end().text());
  CHECK(snapshot.networks[0].attachments[0].ports.size() == 1);
}

TEST_CASE("show lists networks with their bridge, and containers with addresses and published ports") {
  CHECK(cli::table(cli::assemble(two_containers())) ==
        "network net, bridge v-net-0 192.168.15.1/24\n"
        "  CONTAINER  INTERFACE  HOST INTERFACE   KIND  ADDRESSES        PORTS\n"
        "  blue       eth0       " +
            kBlue.host_end().text() +
            "  veth  192.168.15.3/24  192.168.1.2:80 -> 80/tcp\n"
            "                                               fd00:15::3/64    0.0.0.0:5353 -> 53/udp\n"
            "                                                                [::1]:8080 -> 80/tcp\n"
            "  red        eth0       " +
            kRed.host_end().text() + "  veth  192.168.15.2/24  -\n");
}

TEST_CASE("show names the pod of a container, if one is known") {
  cli::Observation seen = two_containers();
  seen.pods = {{kRed, "default/web"}, {{"net", "gone", "eth0"}, "default/gone"}};
  const cli::Snapshot snapshot = cli::assemble(seen);
  CHECK(cli::table(snapshot).starts_with(
      "network net, bridge v-net-0 192.168.15.1/24\n"
      "  CONTAINER  INTERFACE  POD          HOST INTERFACE   KIND  ADDRESSES        PORTS\n"
      "  blue       eth0       -            " +
      kBlue.host_end().text() + "  veth  192.168.15.3/24  192.168.1.2:80 -> 80/tcp\n"));
  CHECK(cli::table(snapshot).find("  red        eth0       default/web  " + kRed.host_end().text()) !=
        std::string::npos);
  CHECK(cli::json(snapshot).find(R"("pod": "default/web",)") != std::string::npos);
}

TEST_CASE("a port on every address is shown with its family") {
  cli::Observation seen = two_containers();
  seen.published = {{"hostport6",
                     {nft::Protocol{IPPROTO_TCP}, nft::Port{8083}},
                     {address("fd00:15::3"), nft::Port{80}},
                     kBlue.comment()},
                    {"hostport4",
                     {nft::Protocol{IPPROTO_TCP}, nft::Port{8083}},
                     {address("192.168.15.3"), nft::Port{80}},
                     kBlue.comment()}};
  const cli::Snapshot snapshot = cli::assemble(seen);
  CHECK(cli::table(snapshot).find("192.168.15.3/24  0.0.0.0:8083 -> 80/tcp\n") != std::string::npos);
  CHECK(cli::table(snapshot).find("  [::]:8083 -> 80/tcp\n") != std::string::npos);
  CHECK(cli::json(snapshot).find(R"("hostIP": "::",)") != std::string::npos);
}

TEST_CASE("show --json prints the same as JSON") {
  cli::Observation seen = two_containers();
  seen.links.pop_back();
  seen.owners.pop_back();
  seen.published.clear();
  CHECK(cli::json(cli::assemble(seen)) == R"({
  "networks": [
    {
      "name": "net",
      "bridge": "v-net-0",
      "bridgeAddresses": [
        "192.168.15.1/24"
      ],
      "attachments": [
        {
          "containerID": "red",
          "ifname": "eth0",
          "pod": "",
          "hostInterface": ")" + kRed.host_end().text() +
                                              R"(",
          "kind": "veth",
          "up": true,
          "finished": true,
          "addresses": [
            "192.168.15.2/24"
          ],
          "ports": []
        }
      ]
    }
  ]
}
)");
}

TEST_CASE("a host without attachments is reported as such") {
  cli::Observation seen;
  seen.links = {link(1, "lo", ""), link(2, "docker0", "bridge")};
  seen.links[0].alias = "another program's alias";
  CHECK(cli::table(cli::assemble(seen)) == "nothing is attached on this host\n");
  CHECK(cli::json(cli::assemble(seen)) == "{\n  \"networks\": []\n}\n");
}

TEST_CASE("an attachment whose ADD is running or was killed is shown as unfinished, under its own name") {
  cli::Observation seen = two_containers();
  seen.links[2].alias = kRed.unfinished_alias();
  const cli::Snapshot snapshot = cli::assemble(seen);
  CHECK(snapshot.networks.at(0).attachments.at(1).owner == kRed);
  CHECK(cli::table(snapshot).find("  red        eth0       " + kRed.host_end().text() +
                                  " (unfinished)  veth  192.168.15.2/24") != std::string::npos);
  CHECK(cli::table(snapshot).find(kBlue.host_end().text() + " (unfinished)") == std::string::npos);
  CHECK(cli::json(snapshot).find(R"("finished": false)") != std::string::npos);
}

TEST_CASE("a link of any kind is an attachment if its alias and its name belong to one owner") {
  cli::Observation seen;
  seen.links = {host_end(3, kRed, 0), host_end(4, kBlue, 0)};
  seen.links[0].kind = "tun";
  seen.links[1].name = "eth7";
  const cli::Snapshot snapshot = cli::assemble(seen);
  CHECK(cli::table(snapshot) ==
        "network net\n"
        "  CONTAINER  INTERFACE  HOST INTERFACE   KIND  ADDRESSES  PORTS\n"
        "  red        eth0       " +
            kRed.host_end().text() + "  tun   -          -\n");
  CHECK(cli::json(snapshot).find(R"("kind": "tun")") != std::string::npos);
}

TEST_CASE("a network without attachments is found by its pair and its bridge's address") {
  cli::Observation seen = two_containers();
  seen.links.resize(2);
  seen.owners.clear();
  seen.published.clear();
  CHECK(cli::table(cli::assemble(seen)) == "network net, bridge v-net-0 192.168.15.1/24\n  nothing attached\n");
}

TEST_CASE("elements whose link is gone are shown, because DEL is missing") {
  cli::Observation seen = two_containers();
  seen.links.resize(3);
  const std::string table = cli::table(cli::assemble(seen));
  CHECK(table.find("  blue       eth0       (gone)           -     192.168.15.3     192.168.1.2:80 -> 80/tcp\n") !=
        std::string::npos);
}

TEST_CASE("addresses that cannot be read are those of the owner's elements") {
  cli::Observation seen = two_containers();
  seen.inner_addresses.clear();
  const cli::Snapshot snapshot = cli::assemble(seen);
  REQUIRE(snapshot.networks.at(0).attachments.at(1).addresses.size() == 1);
  CHECK(snapshot.networks[0].attachments[1].addresses[0].text() == "192.168.15.2/32");
  CHECK(cli::table(snapshot).find("  192.168.15.2  -\n") != std::string::npos);
}

TEST_CASE("a long container id is shown by a prefix, which --id accepts, and completely in JSON") {
  const net::Owner owner{"net", std::string(64, 'a'), "eth0"};
  cli::Observation seen;
  seen.links = {host_end(3, owner, 0)};
  seen.links[0].is_up = false;
  CHECK(cli::table(cli::assemble(seen)).find("\n  aaaaaaaaaaaa  eth0       " + owner.host_end().text() + " (down)") !=
        std::string::npos);
  CHECK(cli::json(cli::assemble(seen)).find(owner.container_id) != std::string::npos);
}

TEST_CASE("an owner too long for a comment is one attachment") {
  const net::Owner owner{"net", std::string(200, 'a'), "eth0"};
  cli::Observation seen;
  seen.links = {host_end(3, owner, 0)};
  seen.owners = {{"owners4", {owner.host_end().text(), nft::Mark{0}}, {address("10.0.0.2")}, owner.comment()}};
  const cli::Snapshot snapshot = cli::assemble(seen);
  REQUIRE(snapshot.networks.size() == 1);
  REQUIRE(snapshot.networks[0].attachments.size() == 1);
  CHECK(snapshot.networks[0].attachments[0].addresses.size() == 1);
}

TEST_CASE("a port that stands by is marked") {
  cli::Observation seen = two_containers();
  const nft::Value any = address("0.0.0.0");
  for (const nft::Value& on : {any, address("192.168.1.2")}) {
    seen.published.push_back({"standby4",
                              {on, nft::Protocol{IPPROTO_TCP}, nft::Port{443}, nft::Mark{0}, kRed.host_end().text()},
                              {address("192.168.15.2"), nft::Port{8443}, nft::Mark{0}},
                              kRed.comment()});
  }
  const cli::Snapshot snapshot = cli::assemble(seen);
  const std::string text = cli::table(snapshot);
  CHECK(text.find("0.0.0.0:443 -> 8443/tcp (standby)\n") != std::string::npos);
  CHECK(text.find("192.168.1.2:443 -> 8443/tcp (standby)\n") != std::string::npos);
  CHECK(text.find("0.0.0.0:5353 -> 53/udp\n") != std::string::npos);
  CHECK(cli::json(snapshot).find("\"standby\": true") != std::string::npos);
}
