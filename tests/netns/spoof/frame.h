// SPDX-License-Identifier: Apache-2.0
// Ethernet frames as a container with CAP_NET_RAW can make them, and who gets them. Each ends in eight bytes of its own, inside
// its packet: a bridge cuts off what is behind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/mac.h"
#include "lib/os/fd.h"

namespace test {

using Bytes = std::vector<std::uint8_t>;

// What a sender says of himself.
struct Sender {
  net::Mac mac;
  net::Address v4;
  net::Address v6;
};

inline const net::Mac kEverybody{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

net::Mac mac(const std::string& text);
net::Address address(const std::string& text);

// Of that type, with zeros in it.
Bytes other(const net::Mac& from, std::uint16_t type);

// `content`, which brings its mark, behind an Ethernet header of that type.
Bytes ethernet(const net::Mac& from, std::uint16_t type, const Bytes& content, const net::Mac& to = kEverybody);

// A UDP datagram with these ports. IPv4 goes to 255.255.255.255, IPv6 to ff02::1 unless told otherwise.
struct Ports {
  std::uint16_t source = 5000;
  std::uint16_t destination = 5001;
};
Bytes udp4(const Sender& from, Ports ports = {}, const std::string& to = "255.255.255.255",
           const net::Mac& to_mac = kEverybody);
Bytes udp6(const Sender& from, Ports ports = {});

// "Who has 10.1.0.99?", of that sender, in a frame from `frame_mac`.
Bytes arp(const net::Mac& frame_mac, const Sender& sender);

// To ff02::1. The body is what follows type, code and checksum.
Bytes icmpv6(const Sender& from, std::uint8_t type, const Bytes& body);

Bytes advertisement(const Sender& from, const net::Address& target);  // RFC 4861, 4.4: an override
Bytes solicitation(const Sender& from, const net::Address& target);   // 4.3
Bytes router_advertisement(const Sender& from);
Bytes redirect(const Sender& from);

// The same packet with an empty header of destination options between.
Bytes with_options(const Bytes& frame);

// The same frame behind a tag of that VLAN.
Bytes with_tag(const Bytes& frame, std::uint16_t vlan);

// A packet socket of an interface in a namespace ("": this host's).
class Wire {
 public:
  Wire(const std::string& netns, const std::string& interface);
  void send(const Bytes& frame) const;

  // Takes what has come in until `last`; was `wanted` before it? Throws when `last` does not come in five seconds.
  [[nodiscard]] bool got(const Bytes& wanted, const Bytes& last) const;

 private:
  os::Fd fd_;
};

// A UDP socket of this host, on every IPv4 address.
class UdpListener {
 public:
  explicit UdpListener(std::uint16_t port);
  [[nodiscard]] bool has_heard() const;  // by now

 private:
  os::Fd fd_;
};

// Eight bytes that no other frame of the test holds.
Bytes next_mark();

}  // namespace test
