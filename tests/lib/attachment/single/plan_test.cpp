// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/single/plan.h"

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

using attachment::Wanted;

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};
const std::string kCreated = kOwner.host_end().text();

netlink::Link link(std::uint32_t index, const std::string& name, const std::string& alias = {}) {
  netlink::Link result;
  result.index = index;
  result.name = name;
  result.kind = "dummy";
  result.alias = alias;
  result.mac = net::Mac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x02}};
  return result;
}

cni::Result previous_with(const std::string& mac) {
  cni::Result result;
  result.interfaces.push_back({"eth0", mac, "/x", 0, {}, {}});
  return result;
}

std::string removed(const std::vector<netlink::Link>& links, const std::optional<cni::Result>& previous = {}) {
  return plan::text(attachment::plan_remove(links, kOwner, "dummy", previous));
}

std::string refusal(const std::vector<netlink::Link>& links) {
  return error_of([&] { attachment::check_names(links, kOwner, "dummy", "/run/netns/x"); });
}

}  // namespace

TEST_CASE("the link is created in the container, then renamed with the owner as its alias") {
  const Wanted wanted{netlink::Dummy{}};
  CHECK(plan::text(attachment::plan_create(wanted, kOwner, {}, {})) ==
        "container: ip link add " + kCreated + " type dummy\n");
  CHECK(plan::text(attachment::plan_rename(link(3, kCreated), kOwner)) ==
        "container: ip link set dev " + kCreated + " name eth0 alias n/c1/eth0 (unfinished)\n");
  CHECK(plan::text(attachment::plan_mark(link(3, "eth0"), kOwner)) ==
        "container: ip link set dev eth0 alias n/c1/eth0\n");
}

TEST_CASE("a link with a parent on the host is created from the host") {
  Wanted wanted{netlink::Dummy{}, attachment::Parent{}, {1400}, 1};
  wanted.mac = net::Mac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x02}};
  CHECK(plan::text(attachment::plan_create(wanted, kOwner, {7, "uplink"}, {5, "/run/netns/x"})) ==
        "ip link add " + kCreated +
            " link uplink address 0a:58:0a:01:00:02 mtu 1400 numtxqueues 1 numrxqueues 1 netns /run/netns/x type "
            "dummy\n");
}

TEST_CASE("ADD is rejected if the interface name is in use, with the reason") {
  CHECK(refusal({}).empty());
  CHECK(refusal({link(1, "lo"), link(3, "eth0", kOwner.unfinished_alias()), link(4, kCreated)}).empty());
  const std::string taken = "999: failed to create dummy: /run/netns/x already has an interface \"eth0\"";
  CHECK(refusal({link(3, "eth0", kOwner.alias())}) ==
        taken + " [it attaches the container to network n; call DEL before the next ADD]");
  CHECK(refusal({link(3, "eth0")}) == taken + " [network n did not create it; choose another interface name]");
}

TEST_CASE("ADD is rejected if the container has renamed the attachment's interface") {
  const std::string error = refusal({link(3, "net7", kOwner.alias())});
  CHECK(error.starts_with("999: failed to create dummy: /run/netns/x already has an interface \"net7\""));
  CHECK(error.ends_with(" [it attaches the container to network n; call DEL before the next ADD]"));
}

TEST_CASE("ADD is rejected if another link has the interface's temporary name") {
  CHECK(refusal({link(3, kCreated, "another")}).find("already has an interface \"" + kCreated + "\"") !=
        std::string::npos);
  CHECK(attachment::plan_remove_leftover({link(3, kCreated, "another")}, kOwner).empty());
}

TEST_CASE("leftovers of a killed ADD are deleted before the next ADD") {
  CHECK(attachment::plan_remove_leftover({}, kOwner).empty());
  CHECK(attachment::plan_remove_leftover({link(3, "eth0", kOwner.alias())}, kOwner).empty());
  CHECK(plan::text(attachment::plan_remove_leftover({link(4, kCreated)}, kOwner)) ==
        "container: ip link delete dev " + kCreated + "\n");
  CHECK(plan::text(attachment::plan_remove_leftover({link(3, "eth0", kOwner.unfinished_alias())}, kOwner)) ==
        "container: ip link delete dev eth0\n");
}

TEST_CASE("DEL deletes the attachment's interface under any name, and no other") {
  CHECK(removed({link(1, "lo"), link(3, "net7", kOwner.alias())}) == "container: ip link delete dev net7\n");
  CHECK(removed({link(3, "eth0", kOwner.unfinished_alias())}) == "container: ip link delete dev eth0\n");
  CHECK(removed({link(3, kCreated)}) == "container: ip link delete dev " + kCreated + "\n");
  CHECK(removed({link(3, "eth0", "n2/c1/eth0"), link(4, "eth1")}).empty());
  CHECK(removed({}).empty());
}

TEST_CASE("DEL deletes an interface without an alias that the reference created") {
  CHECK(removed({link(3, "eth0")}) == "container: ip link delete dev eth0\n");
  CHECK(removed({link(3, "eth0")}, previous_with("0A-58-0a-01-00-02")) == "container: ip link delete dev eth0\n");
  CHECK(removed({link(3, "eth0")}, previous_with("0a:58:0a:01:00:99")).empty());
  netlink::Link veth = link(3, "eth0");
  veth.kind = "veth";
  CHECK(removed({veth}).empty());
}
