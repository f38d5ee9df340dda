// SPDX-License-Identifier: Apache-2.0
// Bridged frames: checks of the source addresses in frames from containers (macspoofchk and ipspoofchk of the bridge
// plugin).
//
// Only ports in `checked` enter these chains; for ports in `ipchecked` IP addresses are checked too. A malformed frame
// matches no accept rule and is dropped at the end of the chain.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_bridge.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>

#include <array>
#include <string>

#include "lib/nft/builder.h"
#include "lib/ruleset/skeleton.h"

namespace ruleset {
namespace {

// Byte offsets of fields: IEEE 802.3, RFC 826 (ARP for Ethernet and IPv4), RFC 8200, RFC 4861.
constexpr std::uint32_t kEtherDestination = 0;
constexpr std::uint32_t kEtherSource = 6;
constexpr std::uint32_t kEtherType = 12;
constexpr std::uint32_t kArpHardware = 0;
constexpr std::uint32_t kArpProtocol = 2;
constexpr std::uint32_t kArpHardwareSize = 4;
constexpr std::uint32_t kArpProtocolSize = 5;
constexpr std::uint32_t kArpSenderMac = 8;
constexpr std::uint32_t kArpSenderIp = 14;
constexpr std::uint32_t kNextHeader = 6;
constexpr std::uint32_t kSolicitedTarget = 48;  // in a neighbour advertisement directly after the IPv6 header
constexpr std::uint32_t kMacSize = 6;
constexpr std::uint32_t kUdpSource = 0;
constexpr std::uint32_t kUdpDestination = 2;

constexpr std::uint16_t kDhcpServer = 67;
constexpr std::uint16_t kDhcpClient = 68;
constexpr std::uint16_t kDhcpV6Client = 546;

// nft does not print "meta protocol" if the following expressions imply it.
nft::Builder of_protocol(std::uint16_t protocol) {
  nft::Builder builder;
  builder.add(nft::load_meta(NFT_META_PROTOCOL, nft::kFirst)).add(nft::is_equal(htons(protocol), 2));
  return builder;
}

// Matches if the set contains the port's name concatenated with the value that `load` loads into the next 16-byte
// register.
nft::Builder& port_and(nft::Builder& builder, nft::Expression load, std::string_view set, bool negated = false) {
  builder.add(nft::load_meta(NFT_META_IIFNAME, nft::kFirst)).add(std::move(load));
  return builder.add(negated ? nft::is_not_in(set) : nft::is_in(set));
}
constexpr std::uint32_t kSecond = nft::kFirst + 1;

nft::Rule jump_if_checked() {
  return nft::Builder()
      .name_in(NFT_META_IIFNAME, "checked")
      .add(nft::verdict(NFT_JUMP, "sources"))
      .rule("prerouting", "iifname @checked jump sources");
}

// LLDP frames would make the bridge learn the sender's MAC address. They reach the host and bypass all hooks
// (br_input.c) unless the port forwards them, in which case they arrive here. Containers must not announce cabling.
nft::Rule drop_lldp() {
  constexpr std::array<std::uint8_t, kMacSize> kLldp{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e};
  return nft::Builder()
      .add(nft::load_link(kEtherDestination, kMacSize, nft::kFirst))
      .add(nft::is_equal(kLldp))
      .add(nft::verdict(NF_DROP))
      .rule("sources", "ether daddr 01:80:c2:00:00:0e drop");
}

// The other frames to 01:80:c2:00:00:0X (IEEE 802.1D) are for the bridge only. They bypass prerouting and reach the
// host.
nft::Rule jump_for_link_local() {
  constexpr std::array<std::uint8_t, kMacSize> kMask{0xff, 0xff, 0xff, 0xff, 0xff, 0xf0};
  constexpr std::array<std::uint8_t, kMacSize> kGroup{0x01, 0x80, 0xc2, 0x00, 0x00, 0x00};
  return nft::Builder()
      .add(nft::load_link(kEtherDestination, kMacSize, nft::kFirst))
      .add(nft::keep_bits(kMask))
      .add(nft::is_equal(kGroup))
      .name_in(NFT_META_IIFNAME, "checked")
      .add(nft::verdict(NFT_JUMP, "sources"))
      .rule("input", "ether daddr & ff:ff:ff:ff:ff:f0 == 01:80:c2:00:00:00 iifname @checked jump sources");
}

nft::Rule drop_other_macs() {
  nft::Builder builder;
  port_and(builder, nft::load_link(kEtherSource, kMacSize, kSecond), "macs", true);
  return builder.add(nft::verdict(NF_DROP)).rule("sources", "iifname . ether saddr != @macs drop");
}

nft::Rule goto_addresses() {
  return nft::Builder()
      .name_in(NFT_META_IIFNAME, "ipchecked")
      .add(nft::verdict(NFT_GOTO, "addresses"))
      .rule("sources", "iifname @ipchecked goto addresses");
}

// Compares the bytes on the wire, which also shows a VLAN tag that the kernel has removed; "meta protocol" does not.
nft::Rule goto_protocol(std::uint16_t protocol, const std::string& name, const char* chain) {
  return nft::Builder()
      .add(nft::load_link(kEtherType, 2, nft::kFirst))
      .add(nft::is_equal(htons(protocol), 2))
      .add(nft::verdict(NFT_GOTO, chain))
      .rule("addresses", "ether type " + name + " goto " + chain);
}

nft::Rule drop_rest(const char* chain) { return nft::Builder().add(nft::verdict(NF_DROP)).rule(chain, "drop"); }

nft::Builder& udp_port(nft::Builder& builder, std::uint32_t offset, std::uint16_t port) {
  return builder.add(nft::load_transport(offset, 2, nft::kFirst)).add(nft::is_equal(htons(port), 2));
}

nft::Builder& protocol_is(nft::Builder& builder, std::uint8_t protocol) {
  return builder.add(nft::load_meta(NFT_META_L4PROTO, nft::kFirst)).add(nft::is_equal(protocol, 1));
}

nft::Rule drop_dhcp_replies(const char* chain, std::uint16_t port) {
  nft::Builder builder;
  udp_port(protocol_is(builder, IPPROTO_UDP), kUdpDestination, port);
  return builder.add(nft::verdict(NF_DROP)).rule(chain, "udp dport " + std::to_string(port) + " drop");
}

// An IPAM plugin for DHCP sends its requests from inside the container before it has an address.
nft::Rule accept_dhcp_requests(const nft::Layout& v4) {
  nft::Builder builder = of_protocol(ETH_P_IP);
  builder.add(nft::load_network(v4.source, v4.size, nft::kFirst)).add(nft::is_equal(0, v4.size));
  udp_port(protocol_is(builder, IPPROTO_UDP), kUdpSource, kDhcpClient);
  udp_port(builder, kUdpDestination, kDhcpServer);
  return builder.add(nft::verdict(NF_ACCEPT)).rule("packets4", "ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept");
}

nft::Rule accept_own(const nft::Layout& layout, const char* chain, const std::string& text, const char* set) {
  nft::Builder builder = of_protocol(layout.family == net::Family::v4 ? ETH_P_IP : ETH_P_IPV6);
  port_and(builder, nft::load_network(layout.source, layout.size, kSecond), set);
  return builder.add(nft::verdict(NF_ACCEPT)).rule(chain, text);
}

void add_packets4(std::vector<nft::Rule>& all) {
  const nft::Layout& v4 = nft::layout_of(net::Family::v4);
  all.push_back(drop_dhcp_replies("packets4", kDhcpClient));
  all.push_back(accept_dhcp_requests(v4));
  all.push_back(accept_own(v4, "packets4", "iifname . ip saddr @ips4 accept", "ips4"));
  all.push_back(drop_rest("packets4"));
}

struct ArpField {
  std::uint32_t offset;
  std::vector<std::uint8_t> bytes;
  const char* text;
};

// ARP for anything but Ethernet and IPv4 has its sender fields at other offsets.
nft::Rule drop_other_arp(const ArpField& field) {
  return of_protocol(ETH_P_ARP)
      .add(nft::load_network(field.offset, static_cast<std::uint32_t>(field.bytes.size()), nft::kFirst))
      .add(nft::is_equal(field.bytes, true))
      .add(nft::verdict(NF_DROP))
      .rule("arps", field.text);
}

nft::Rule drop_other_arp_macs() {
  nft::Builder builder = of_protocol(ETH_P_ARP);
  port_and(builder, nft::load_network(kArpSenderMac, kMacSize, kSecond), "macs", true);
  return builder.add(nft::verdict(NF_DROP)).rule("arps", "iifname . arp saddr ether != @macs drop");
}

// RFC 5227: a probe asks whether an address is free and claims nothing.
nft::Rule accept_arp_probes() {
  return of_protocol(ETH_P_ARP)
      .add(nft::load_network(kArpSenderIp, 4, nft::kFirst))
      .add(nft::is_equal(0, 4))
      .add(nft::verdict(NF_ACCEPT))
      .rule("arps", "arp saddr ip 0.0.0.0 accept");
}

nft::Rule accept_own_arp() {
  nft::Builder builder = of_protocol(ETH_P_ARP);
  port_and(builder, nft::load_network(kArpSenderIp, 4, kSecond), "ips4");
  return builder.add(nft::verdict(NF_ACCEPT)).rule("arps", "iifname . arp saddr ip @ips4 accept");
}

void add_arps(std::vector<nft::Rule>& all) {
  for (const ArpField& field : {ArpField{kArpHardware, {0, ARPHRD_ETHER}, "arp htype != 1 drop"},
                                ArpField{kArpProtocol, {ETH_P_IP >> 8U, ETH_P_IP & 0xffU}, "arp ptype != ip drop"},
                                ArpField{kArpHardwareSize, {kMacSize}, "arp hlen != 6 drop"},
                                ArpField{kArpProtocolSize, {4}, "arp plen != 4 drop"}}) {
    all.push_back(drop_other_arp(field));
  }
  all.push_back(drop_other_arp_macs());
  all.push_back(accept_arp_probes());
  all.push_back(accept_own_arp());
  all.push_back(drop_rest("arps"));
}

nft::Builder icmpv6(std::uint8_t type) {
  nft::Builder builder = of_protocol(ETH_P_IPV6);
  protocol_is(builder, IPPROTO_ICMPV6).add(nft::load_transport(0, 1, nft::kFirst)).add(nft::is_equal(type, 1));
  return builder;
}

nft::Rule drop_icmpv6(std::uint8_t type, const std::string& name) {
  return icmpv6(type).add(nft::verdict(NF_DROP)).rule("packets6", "icmpv6 type " + name + " drop");
}

// The target of an advertisement has a fixed offset only without extension headers.
nft::Rule drop_hidden_advertisements() {
  constexpr std::array<std::uint8_t, 1> kIcmpv6{IPPROTO_ICMPV6};
  return icmpv6(ND_NEIGHBOR_ADVERT)
      .add(nft::load_network(kNextHeader, 1, nft::kFirst))
      .add(nft::is_equal(kIcmpv6, true))
      .add(nft::verdict(NF_DROP))
      .rule("packets6", "icmpv6 type nd-neighbor-advert ip6 nexthdr != ipv6-icmp drop");
}

// Newer nft prints "icmpv6 taddr". Older versions do not know that name, and must be able to parse what they print.
nft::Rule drop_other_targets() {
  nft::Builder builder = icmpv6(ND_NEIGHBOR_ADVERT);
  port_and(builder, nft::load_network(kSolicitedTarget, 16, kSecond), "targets6", true);
  return builder.add(nft::verdict(NF_DROP))
      .rule("packets6", "icmpv6 type nd-neighbor-advert iifname . @nh,384,128 != @targets6 drop");
}

// Duplicate address detection and multicast listener reports (RFC 4862, RFC 3810), sent before there is an address.
nft::Rule accept_unspecified(const nft::Layout& v6) {
  constexpr std::array<std::uint8_t, 16> kUnspecified{};
  nft::Builder builder = of_protocol(ETH_P_IPV6);
  builder.add(nft::load_network(v6.source, v6.size, nft::kFirst)).add(nft::is_equal(kUnspecified));
  return protocol_is(builder, IPPROTO_ICMPV6)
      .add(nft::verdict(NF_ACCEPT))
      .rule("packets6", "ip6 saddr :: meta l4proto ipv6-icmp accept");
}

void add_packets6(std::vector<nft::Rule>& all) {
  const nft::Layout& v6 = nft::layout_of(net::Family::v6);
  all.push_back(drop_icmpv6(ND_ROUTER_ADVERT, "nd-router-advert"));
  all.push_back(drop_icmpv6(ND_REDIRECT, "nd-redirect"));
  all.push_back(drop_hidden_advertisements());
  all.push_back(drop_other_targets());
  all.push_back(drop_dhcp_replies("packets6", kDhcpV6Client));
  all.push_back(accept_unspecified(v6));
  all.push_back(accept_own(v6, "packets6", "iifname . ip6 saddr @ips6 accept", "ips6"));
  all.push_back(drop_rest("packets6"));
}

}  // namespace

std::vector<nft::Chain> bridge_chains() {
  constexpr nft::TableFamily kFamily = nft::TableFamily::bridge;
  constexpr std::int32_t kFirstOfAll = -300;  // NF_BR_PRI_NAT_DST_BRIDGED, as in the reference
  return {
      {"sources", nullptr, 0, 0, 5, "frames from checked containers must carry their own addresses; layout 1", kFamily},
      {"addresses", nullptr, 0, 0, 5, "containers whose IP addresses are checked: only IPv4, ARP and IPv6", kFamily},
      {"packets4", nullptr, 0, 0, 5, "only from own addresses; no packets of DHCP servers", kFamily},
      {"arps", nullptr, 0, 0, 9, "only with own addresses, or from 0.0.0.0", kFamily},
      {"packets6", nullptr, 0, 0, 9, "only with own addresses; no packets of routers and DHCP servers", kFamily},
      {"prerouting", "filter", NF_BR_PRE_ROUTING, kFirstOfAll, 1, "frames that arrive at a bridge port", kFamily},
      {"input", "filter", NF_BR_LOCAL_IN, kFirstOfAll, 1, "frames for the bridge itself", kFamily},
  };
}

std::vector<nft::Rule> bridge_rules() {
  std::vector<nft::Rule> all;
  all.push_back(jump_if_checked());
  all.push_back(jump_for_link_local());
  all.push_back(drop_other_macs());
  all.push_back(drop_lldp());
  all.push_back(goto_addresses());
  all.push_back(goto_protocol(ETH_P_IP, "ip", "packets4"));
  all.push_back(goto_protocol(ETH_P_ARP, "arp", "arps"));
  all.push_back(goto_protocol(ETH_P_IPV6, "ip6", "packets6"));
  all.push_back(drop_rest("addresses"));
  add_packets4(all);
  add_arps(all);
  add_packets6(all);
  return all;
}

}  // namespace ruleset
