// SPDX-License-Identifier: Apache-2.0
// Source addresses that macspoofchk and ipspoofchk allow. Each forged frame is compared with a valid frame of the same
// form.
#include <linux/if_ether.h>
#include <netinet/icmp6.h>

#include <chrono>
#include <thread>

#include <doctest/doctest.h>

#include "tests/netns/host.h"
#include "tests/netns/spoof/frame.h"

using test::address;
using test::Bytes;
using test::call;
using test::Host;
using test::Json;
using test::Sender;

namespace {

Json config_with(const Json& keys) {
  Json config =
      Json::parse(R"({"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "cni0", "isGateway": true,
    "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]]}})");
  config.update(keys);
  return config;
}

const Json kMacs = config_with({{"macspoofchk", true}});
const Json kAddresses = config_with({{"ipspoofchk", true}});
const Json kFree = config_with(Json::object());

struct Container {
  std::string name;
  Json config;
  Json result;
  Sender self;

  [[nodiscard]] std::string netns() const { return "/run/netns/" + name; }
  [[nodiscard]] std::string port() const { return result["interfaces"][1]["name"]; }
};

std::string without_length(const std::string& prefix) { return prefix.substr(0, prefix.find('/')); }

Container connect(Host& host, const std::string& name, const Json& config) {
  Container container{name, config, {}, {}};
  const auto added = call({"bridge", "ADD", name, host.add_netns(name), config.dump()});
  REQUIRE_MESSAGE(added.ok(), added.out);
  container.result = added.json();
  const Json& ips = container.result["ips"];
  container.self = {test::mac(container.result["interfaces"][2]["mac"]), address(without_length(ips[0]["address"])),
                    address(without_length(ips[1]["address"]))};
  return container;
}

// A container that sends forged frames, its victim, and an unchecked container. Frames are captured at the victim and
// at the host.
struct Place {
  Host host;
  Container forger;
  Container victim;
  Container free;
  test::Wire from_forger;
  test::Wire from_free;
  test::Wire at_victim;
  test::Wire at_host;

  explicit Place(const Json& config)
      : forger(connect(host, "a", config)),
        victim(connect(host, "b", config)),
        free(connect(host, "c", kFree)),
        from_forger("a", "eth0"),
        from_free("c", "eth0"),
        at_victim("b", "eth0"),
        at_host("", "cni0") {}

  // The receivers of a broadcast or multicast frame: "both", "victim", "host" or "none". A valid frame is sent after it
  // and arrives last.
  [[nodiscard]] std::string receivers(const test::Wire& wire, const Sender& valid, const Bytes& frame) const {
    const Bytes last = test::udp4(valid, {5000, 5009});
    wire.send(frame);
    wire.send(last);
    const bool by_victim = at_victim.got(frame, last);
    const bool by_host = at_host.got(frame, last);
    if (by_victim && by_host) return "both";
    return by_victim ? "victim" : (by_host ? "host" : "none");
  }
  [[nodiscard]] std::string forged(const Bytes& frame) const { return receivers(from_forger, forger.self, frame); }
  [[nodiscard]] std::string unchecked(const Bytes& frame) const { return receivers(from_free, free.self, frame); }

  // The forger with one of the victim's addresses.
  [[nodiscard]] Sender with_mac() const { return {victim.self.mac, forger.self.v4, forger.self.v6}; }
  [[nodiscard]] Sender with_v4() const { return {forger.self.mac, victim.self.v4, forger.self.v6}; }
  [[nodiscard]] Sender with_v6() const { return {forger.self.mac, forger.self.v4, victim.self.v6}; }
};

Sender with_v4(Sender sender, const std::string& text) {
  sender.v4 = address(text);
  return sender;
}

Sender with_v6(Sender sender, const std::string& text) {
  sender.v6 = address(text);
  return sender;
}

std::string link_local(const Host& host, const std::string& netns) {
  for (int left = 200; left > 0; --left) {
    const std::string listed = host.run(
        {"sh", "-c", "ip -6 -o address show dev eth0 scope link -tentative | grep -o 'fe80[^/]*' || true"}, netns);
    if (!listed.empty()) return listed.substr(0, listed.find('\n'));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return {};
}

void can_ping(const Host& host, const std::string& from, const std::string& to) {
  const auto output = host.try_run(from, {"ping", "-c", "1", "-W", "5", to});
  CHECK_MESSAGE(output.exit_code == 0, from << " to " << to << ": " << output.out << output.err);
}

}  // namespace

TEST_CASE("macspoofchk accepts only frames from the container's MAC address") {
  const Place place(kMacs);
  const Sender& self = place.forger.self;
  for (const auto& shape : {+[](const Sender& sender) { return test::udp4(sender); },
                            +[](const Sender& sender) { return test::udp6(sender); },
                            +[](const Sender& sender) { return test::arp(sender.mac, sender); },
                            +[](const Sender& sender) { return test::other(sender.mac, 0x88b5); },
                            +[](const Sender& sender) { return test::with_tag(test::udp4(sender), 7); }}) {
    CHECK(place.forged(shape(self)) == "both");
    CHECK(place.forged(shape(place.with_mac())) == "none");
    CHECK(place.forged(shape({test::mac("0a:00:00:00:00:77"), self.v4, self.v6})) == "none");
  }
  CHECK(place.forged(test::udp4(place.with_v4())) == "both");
  CHECK(place.forged(test::arp(self.mac, place.with_v4())) == "both");
  CHECK(place.unchecked(test::udp4({test::mac("0a:00:00:00:00:77"), self.v4, self.v6})) == "both");
}

TEST_CASE("the bridge does not learn a MAC address from a forged frame") {
  const Place place(kMacs);
  const std::string victim = place.victim.self.mac.text();
  const auto port_of = [&] {
    for (const Json& entry : Json::parse(place.host.run({"bridge", "-j", "fdb", "show", "br", "cni0"}))) {
      if (entry["mac"] == victim && entry.value("state", "") != "permanent") return entry["ifname"].get<std::string>();
    }
    return std::string("none");
  };
  can_ping(place.host, "b", "10.1.0.1");
  REQUIRE(port_of() == place.victim.port());
  CHECK(place.forged(test::udp4(place.with_mac())) == "none");
  CHECK(port_of() == place.victim.port());
  for (const char* group : {"01:80:c2:00:00:00", "01:80:c2:00:00:03", "01:80:c2:00:00:0e"}) {
    CHECK(place.forged(test::udp4(place.with_mac(), {}, "10.1.0.1", test::mac(group))) == "none");
    CHECK_MESSAGE(port_of() == place.victim.port(), group);
  }
  const Sender as_victim{place.victim.self.mac, place.free.self.v4, place.free.self.v6};
  CHECK(place.unchecked(test::udp4(as_victim)) != "none");
  CHECK(port_of() == place.free.port());
}

TEST_CASE("ipspoofchk accepts only IPAM's IPv4 addresses") {
  const Place place(kAddresses);
  const Sender& self = place.forger.self;
  CHECK(place.forged(test::udp4(self)) == "both");
  CHECK(place.forged(test::udp4(place.with_v4())) == "none");
  CHECK(place.forged(test::udp4(place.with_mac())) == "none");
  CHECK(place.forged(test::udp4(with_v4(self, "10.1.0.1"))) == "none");
  CHECK(place.forged(test::udp4(with_v4(self, "192.0.2.1"))) == "none");
  CHECK(place.forged(test::udp4(with_v4(self, "0.0.0.0"))) == "none");
  CHECK(place.unchecked(test::udp4(with_v4(place.free.self, "192.0.2.1"))) == "both");
  const net::Mac mdns = test::mac("01:00:5e:00:00:fb");
  CHECK(place.forged(test::udp4(self, {5353, 5353}, "224.0.0.251", mdns)) == "both");
  CHECK(place.forged(test::udp4(place.with_v4(), {5353, 5353}, "224.0.0.251", mdns)) == "none");
}

TEST_CASE("ipspoofchk accepts ARP only with the container's MAC address and IPAM's addresses") {
  const Place place(kAddresses);
  const Sender& self = place.forger.self;
  CHECK(place.forged(test::arp(self.mac, self)) == "both");
  CHECK(place.forged(test::arp(self.mac, place.with_v4())) == "none");
  CHECK(place.forged(test::arp(self.mac, place.with_mac())) == "none");
  CHECK(place.forged(test::arp(place.victim.self.mac, self)) == "none");
  CHECK(place.unchecked(test::arp(place.free.self.mac, place.with_v4())) == "both");
  CHECK(place.forged(test::arp(self.mac, with_v4(self, "0.0.0.0"))) == "both");  // a probe (RFC 5227)
  CHECK(place.forged(test::arp(self.mac, with_v4(place.with_mac(), "0.0.0.0"))) == "none");
  // ARP for other hardware or protocols has the sender at other offsets.
  for (const auto& [at, value] : {std::pair{14, 7}, std::pair{16, 9}, std::pair{18, 7}, std::pair{19, 5}}) {
    Bytes other = test::arp(self.mac, self);
    other[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(value);
    CHECK(place.forged(other) == "none");
    CHECK(place.unchecked(other) == "both");
  }
}

TEST_CASE("ipspoofchk accepts only IPAM's IPv6 addresses and the link-local address") {
  const Place place(kAddresses);
  const Sender& self = place.forger.self;
  const Sender local = with_v6(self, link_local(place.host, "a"));
  for (const auto& shape : {+[](const Sender& sender) { return test::udp6(sender); },
                            +[](const Sender& sender) { return test::with_options(test::udp6(sender)); },
                            +[](const Sender& sender) { return test::solicitation(sender, address("fd00:1::99")); }}) {
    CHECK(place.forged(shape(self)) == "both");
    CHECK(place.forged(shape(local)) == "both");
    CHECK(place.forged(shape(place.with_v6())) == "none");
    CHECK(place.forged(shape(place.with_mac())) == "none");
    CHECK(place.forged(shape(with_v6(self, link_local(place.host, "b")))) == "none");
    CHECK(place.forged(shape(with_v6(self, "2001:db8::1"))) == "none");
    CHECK(place.unchecked(shape(with_v6(place.free.self, "2001:db8::1"))) == "both");
  }
  CHECK(place.forged(test::udp6(with_v6(self, "::"))) == "none");
}

TEST_CASE("ipspoofchk accepts duplicate address detection and MLD reports from ::") {
  const Place place(kAddresses);
  constexpr std::uint8_t kListenerReport = 143;  // RFC 3810
  const Sender unspecified = with_v6(place.forger.self, "::");
  CHECK(place.forged(test::solicitation(unspecified, place.forger.self.v6)) == "both");
  CHECK(place.forged(test::icmpv6(unspecified, kListenerReport, {0, 0, 0, 0})) == "both");
  CHECK(place.forged(test::solicitation(with_v6(place.with_mac(), "::"), place.forger.self.v6)) == "none");
}

TEST_CASE("ipspoofchk accepts neighbour advertisements only for the container's addresses") {
  const Place place(kAddresses);
  const Sender& self = place.forger.self;
  CHECK(place.forged(test::advertisement(self, self.v6)) == "both");
  CHECK(place.forged(test::advertisement(self, address(link_local(place.host, "a")))) == "both");
  CHECK(place.forged(test::advertisement(self, place.victim.self.v6)) == "none");
  CHECK(place.forged(test::advertisement(self, address("fd00:1::1"))) == "none");
  CHECK(place.forged(test::advertisement(place.with_v6(), self.v6)) == "none");
  CHECK(place.forged(test::advertisement(with_v6(self, "::"), place.victim.self.v6)) == "none");
  const Bytes hidden = test::with_options(test::advertisement(place.free.self, place.victim.self.v6));
  CHECK(place.unchecked(hidden) == "both");
  CHECK(place.forged(test::with_options(test::advertisement(self, place.victim.self.v6))) == "none");
}

TEST_CASE("ipspoofchk rejects router advertisements, redirects and DHCP server messages") {
  const Place place(kAddresses);
  const Sender local = with_v6(place.forger.self, link_local(place.host, "a"));
  const Sender free = with_v6(place.free.self, link_local(place.host, "c"));
  for (const auto& shape :
       {+[](const Sender& sender) { return test::router_advertisement(sender); },
        +[](const Sender& sender) { return test::redirect(sender); },
        +[](const Sender& sender) { return test::with_options(test::router_advertisement(sender)); },
        +[](const Sender& sender) {
          return test::udp4(sender, {67, 68});
        },
        +[](const Sender& sender) {
          return test::udp6(sender, {547, 546});
        }}) {
    CHECK(place.unchecked(shape(free)) == "both");
    CHECK(place.forged(shape(local)) == "none");
  }
  CHECK(place.forged(test::udp4(with_v4(local, "0.0.0.0"), {68, 67})) == "both");  // a DHCP client
  CHECK(place.forged(test::udp6(local, {546, 547})) == "both");
}

TEST_CASE("ipspoofchk accepts only IPv4, ARP and IPv6, without VLAN tags") {
  const Place place(kAddresses);
  const Sender& self = place.forger.self;
  for (const std::uint16_t type : {0x88b5, 0x8864, 0x8847, 0x0040}) {
    CHECK(place.unchecked(test::other(place.free.self.mac, type)) == "both");
    CHECK(place.forged(test::other(self.mac, type)) == "none");
  }
  const auto tagged = [](const Sender& sender) { return test::with_tag(test::udp4(sender), 7); };
  CHECK(place.unchecked(tagged(place.free.self)) == "both");
  CHECK(place.forged(tagged(self)) == "none");
  CHECK(place.forged(test::with_tag(tagged(self), 8)) == "none");
}

TEST_CASE("frames to link-local groups of the bridge are checked") {
  const Place place(kAddresses);
  const test::UdpListener listener(5001);
  net::Mac group = test::mac("01:80:c2:00:00:03");
  const auto received = [&] { return listener.has_received(); };
  const auto frame = [&](const Sender& sender) { return test::udp4(sender, {}, "10.1.0.1", group); };
  const auto drain = [&] {
    while (listener.has_received()) continue;
  };
  static_cast<void>(place.unchecked(frame(with_v4(place.free.self, "10.1.0.77"))));
  CHECK(received());
  drain();
  static_cast<void>(place.forged(frame(place.forger.self)));
  CHECK(received());
  drain();
  static_cast<void>(place.forged(frame(with_v4(place.forger.self, "10.1.0.77"))));
  static_cast<void>(place.forged(frame(place.with_mac())));
  CHECK(!received());
  group = test::mac("01:80:c2:00:00:0e");  // LLDP, which passes the hook only because of our rules
  static_cast<void>(place.forged(frame(with_v4(place.forger.self, "10.1.0.77"))));
  static_cast<void>(place.forged(frame(place.with_mac())));
  CHECK(!received());
  static_cast<void>(place.unchecked(frame(with_v4(place.free.self, "10.1.0.77"))));
  CHECK(received());
}

TEST_CASE("checked containers reach each other and the host, with and without duplicate detection") {
  for (const bool detects : {false, true}) {
    Json config = kAddresses;
    config["enabledad"] = detects;
    const Place place(config);
    for (const char* name : {"a", "b"}) CHECK(!link_local(place.host, name).empty());
    for (int left = 200; left > 0 && place.host.run({"ip", "-6", "address", "show", "tentative"}, "a") != ""; --left) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    CHECK(place.host.run({"ip", "-6", "address", "show", "dadfailed"}, "a").empty());
    for (const char* to : {"10.1.0.3", "fd00:1::3", "10.1.0.1", "fd00:1::1"}) can_ping(place.host, "a", to);
    can_ping(place.host, "a", link_local(place.host, "b") + "%eth0");
    can_ping(place.host, "b", "fd00:1::2");
  }
}
