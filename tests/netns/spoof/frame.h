// SPDX-License-Identifier: Apache-2.0
// Ethernet frames that a container with CAP_NET_RAW can send, and sockets that receive them. Each frame ends in a
// unique mark of eight bytes. The mark is inside the packet, because a bridge cuts off trailing bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/mac.h"
#include "lib/os/fd.h"

namespace test {

using Bytes = std::vector<std::uint8_t>;

// The source addresses in a frame.
struct Sender {
  net::Mac mac;
  net::Address v4;
  net::Address v6;
};

inline const net::Mac kBroadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

net::Mac mac(const std::string& text);
net::Address address(const std::string& text);

// A frame with that EtherType; the content is zeros and a mark.
Bytes other(const net::Mac& from, std::uint16_t type);

// A frame with that EtherType. `content` contains the mark.
Bytes ethernet(const net::Mac& from, std::uint16_t type, const Bytes& content, const net::Mac& to = kBroadcast);

// UDP datagrams. By default, IPv4 is sent to 255.255.255.255. IPv6 is sent to ff02::1.
struct Ports {
  std::uint16_t source = 5000;
  std::uint16_t destination = 5001;
};
Bytes udp4(const Sender& from, Ports ports = {}, const std::string& to = "255.255.255.255",
           const net::Mac& to_mac = kBroadcast);
Bytes udp6(const Sender& from, Ports ports = {});

// An ARP request for 10.1.0.99 with that sender, in a frame from `frame_mac`.
Bytes arp(const net::Mac& frame_mac, const Sender& sender);

// An ICMPv6 message to ff02::1. The body follows type, code and checksum.
Bytes icmpv6(const Sender& from, std::uint8_t type, const Bytes& body);

Bytes advertisement(const Sender& from, const net::Address& target);  // RFC 4861, 4.4, with the Override flag
Bytes solicitation(const Sender& from, const net::Address& target);   // 4.3
Bytes router_advertisement(const Sender& from);
Bytes redirect(const Sender& from);

// The same packet with an empty destination options header.
Bytes with_options(const Bytes& frame);

// The same frame with an 802.1Q tag.
Bytes with_tag(const Bytes& frame, std::uint16_t vlan);

// A packet socket on an interface in a namespace ("": this host's).
class Wire {
 public:
  Wire(const std::string& netns, const std::string& interface);
  void send(const Bytes& frame) const;

  // Reads frames until `last`; was `wanted` among them? Throws if no frame arrives for five seconds.
  [[nodiscard]] bool got(const Bytes& wanted, const Bytes& last) const;

 private:
  os::Fd fd_;
};

// A UDP socket on all IPv4 addresses of this host.
class UdpListener {
 public:
  explicit UdpListener(std::uint16_t port);
  [[nodiscard]] bool has_received() const;  // does not wait

 private:
  os::Fd fd_;
};

// Eight bytes that are unique in the test.
Bytes next_mark();

}  // namespace test
