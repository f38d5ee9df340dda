// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/spoof/frame.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

#include "lib/netns/netns.h"
#include "lib/os/error.h"

namespace test {
namespace {

constexpr std::ptrdiff_t kMarkSize = 8;

void put16(Bytes& to, std::uint32_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8U));
  to.push_back(static_cast<std::uint8_t>(value));
}

template <class Range>
void put(Bytes& to, const Range& from) {
  to.insert(to.end(), std::begin(from), std::end(from));
}

// RFC 1071.
std::uint16_t checksum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i]) << 8U | (i + 1 < bytes.size() ? bytes[i + 1] : 0U);
  }
  while (sum > 0xffff) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

void set16(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

const net::Address kAllNodes = address("ff02::1");
const net::Mac kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};

Bytes ipv6(const Sender& from, std::uint8_t protocol, Bytes content, std::size_t checksum_at) {
  Bytes pseudo;  // RFC 8200, 8.1
  put(pseudo, from.v6.bytes());
  put(pseudo, kAllNodes.bytes());
  put16(pseudo, 0);
  put16(pseudo, static_cast<std::uint32_t>(content.size()));
  put(pseudo, Bytes{0, 0, 0, protocol});
  put(pseudo, content);
  set16(content, checksum_at, checksum(pseudo));
  Bytes packet{0x60, 0, 0, 0};
  put16(packet, static_cast<std::uint32_t>(content.size()));
  put(packet, Bytes{protocol, 255});
  put(packet, from.v6.bytes());
  put(packet, kAllNodes.bytes());
  put(packet, content);
  return ethernet(from.mac, ETH_P_IPV6, packet, kAllNodesMac);
}

Bytes udp(Ports ports) {
  Bytes datagram;
  put16(datagram, ports.source);
  put16(datagram, ports.destination);
  put16(datagram, 8 + kMarkSize);
  put16(datagram, 0);
  put(datagram, next_mark());
  return datagram;
}

bool contains(const Bytes& frame, const Bytes& part) {
  return std::search(frame.begin(), frame.end(), part.begin(), part.end()) != frame.end();
}

}  // namespace

net::Mac mac(const std::string& text) { return net::Mac::parse(text).value(); }
net::Address address(const std::string& text) { return net::Address::parse(text).value(); }

Bytes ethernet(const net::Mac& from, std::uint16_t type, const Bytes& content, const net::Mac& to) {
  Bytes frame;
  put(frame, to.bytes);
  put(frame, from.bytes);
  put16(frame, type);
  put(frame, content);
  return frame;
}

Bytes udp4(const Sender& from, Ports ports, const std::string& to, const net::Mac& to_mac) {
  const Bytes datagram = udp(ports);
  Bytes packet{0x45, 0};
  put16(packet, static_cast<std::uint32_t>(20 + datagram.size()));
  put(packet, Bytes{0, 0, 0, 0, 64, IPPROTO_UDP, 0, 0});
  put(packet, from.v4.bytes());
  put(packet, address(to).bytes());
  set16(packet, 10, checksum(packet));
  put(packet, datagram);
  return ethernet(from.mac, ETH_P_IP, packet, to_mac);
}

Bytes udp6(const Sender& from, Ports ports) { return ipv6(from, IPPROTO_UDP, udp(ports), 6); }

Bytes arp(const net::Mac& frame_mac, const Sender& sender) {
  Bytes packet{0, 1, 8, 0, 6, 4, 0, 1};
  put(packet, sender.mac.bytes);
  put(packet, sender.v4.bytes());
  put(packet, net::Mac{}.bytes);
  put(packet, address("10.1.0.99").bytes());
  put(packet, next_mark());
  return ethernet(frame_mac, ETH_P_ARP, packet);
}

Bytes icmpv6(const Sender& from, std::uint8_t type, const Bytes& body) {
  Bytes message{type, 0, 0, 0};
  put(message, body);
  put(message, Bytes{253, 2, 0, 0, 0, 0, 0, 0});  // an experimental option (RFC 4727) of 16 bytes
  put(message, next_mark());
  return ipv6(from, IPPROTO_ICMPV6, message, 2);
}

Bytes advertisement(const Sender& from, const net::Address& target) {
  Bytes body{0x20, 0, 0, 0};
  put(body, target.bytes());
  put(body, Bytes{ND_OPT_TARGET_LINKADDR, 1});
  put(body, from.mac.bytes);
  return icmpv6(from, ND_NEIGHBOR_ADVERT, body);
}

Bytes solicitation(const Sender& from, const net::Address& target) {
  Bytes body{0, 0, 0, 0};
  put(body, target.bytes());
  return icmpv6(from, ND_NEIGHBOR_SOLICIT, body);
}

Bytes router_advertisement(const Sender& from) {
  return icmpv6(from, ND_ROUTER_ADVERT, {64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0});
}

Bytes redirect(const Sender& from) {
  Bytes body{0, 0, 0, 0};
  put(body, from.v6.bytes());
  put(body, address("2001:db8::1").bytes());
  return icmpv6(from, ND_REDIRECT, body);
}

Bytes with_options(const Bytes& frame) {
  constexpr std::size_t kLength = 14 + 4;
  constexpr std::size_t kNext = 14 + 6;
  constexpr std::size_t kEnd = 14 + 40;
  Bytes result = frame;
  const Bytes options{result[kNext], 0, 1, 4, 0, 0, 0, 0};  // PadN
  result.insert(result.begin() + kEnd, options.begin(), options.end());
  result[kNext] = IPPROTO_DSTOPTS;
  result[kLength + 1] = static_cast<std::uint8_t>(result[kLength + 1] + options.size());
  return result;
}

Bytes with_tag(const Bytes& frame, std::uint16_t vlan) {
  Bytes tag;
  put16(tag, ETH_P_8021Q);
  put16(tag, vlan);
  Bytes result = frame;
  result.insert(result.begin() + 12, tag.begin(), tag.end());
  return result;
}

Wire::Wire(const std::string& netns, const std::string& interface) {
  std::unique_ptr<netns::Entered> entered;
  if (!netns.empty()) entered = std::make_unique<netns::Entered>(netns::Netns::open("/run/netns/" + netns).value());
  fd_ = os::Fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)));
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_protocol = htons(ETH_P_ALL);
  place.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) {
    throw os::last_error("bind to " + interface);
  }
}

void Wire::send(const Bytes& frame) const {
  if (::send(fd_.get(), frame.data(), frame.size(), 0) < 0) throw os::last_error("send a frame");
}

bool Wire::got(const Bytes& wanted, const Bytes& last) const {
  const auto is_same = [](const Bytes& frame, const Bytes& sent) {
    return contains(frame, Bytes(sent.end() - kMarkSize, sent.end()));
  };
  constexpr int kTimeout = 5000;  // milliseconds
  bool found = false;
  for (;;) {
    pollfd ready{fd_.get(), POLLIN, 0};
    if (::poll(&ready, 1, kTimeout) != 1) throw std::runtime_error("the last frame did not arrive within 5 s");
    std::array<std::uint8_t, 2048> buffer{};
    const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0) throw os::last_error("receive a frame");
    const Bytes frame(buffer.begin(), buffer.begin() + size);
    if (is_same(frame, wanted)) found = true;
    if (is_same(frame, last)) return found;
  }
}

UdpListener::UdpListener(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) throw os::last_error("bind");
}

bool UdpListener::has_received() const {
  std::array<char, 64> buffer{};
  return ::recv(fd_.get(), buffer.data(), buffer.size(), 0) >= 0;
}

Bytes other(const net::Mac& from, std::uint16_t type) {
  Bytes content(50);
  put(content, next_mark());
  return ethernet(from, type, content);
}

Bytes next_mark() {
  static std::uint8_t count = 0;
  static std::uint8_t rounds = 0;
  if (++count == 0) ++rounds;
  return {0xfe, 0xed, 0xfa, 0xce, 0xca, 0xfe, rounds, count};
}

}  // namespace test
