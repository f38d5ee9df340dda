// SPDX-License-Identifier: Apache-2.0
// The sets and maps of our tables, and the values that their keys and data are made of (nft(8), "SETS").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/mac.h"
#include "lib/net/prefix.h"
#include "lib/nft/home.h"
#include "lib/nft/target.h"

namespace nft {

// Data types of nft(8) that our keys are concatenated from.
enum class Type : std::uint8_t { ipv4_addr, ipv6_addr, inet_proto, inet_service, ifname, mark, ether_addr, nd_target };

// A value of one of them: an address (a prefix in interval sets), a protocol number (IPPROTO_*), a port, a name, a mark, a
// MAC address, a target (target.h).
struct Protocol {
  std::uint8_t number = 0;
  friend bool operator==(const Protocol&, const Protocol&) = default;
};
struct Port {
  std::uint16_t number = 0;
  friend bool operator==(const Port&, const Port&) = default;
};
struct Mark {
  std::uint32_t number = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};
using Value = std::variant<net::Prefix, Protocol, Port, std::string, Mark, net::Mac, Target>;
using Values = std::vector<Value>;

Value value(const net::Address& address);  // as the prefix of that one address

struct Set {
  std::string name;
  std::vector<Type> key;
  std::vector<Type> data;  // a map's; empty for a set
  bool is_interval = false;
  std::string_view comment;  // what `nft list table` tells the reader
  Home home = Home::inet;
};

// The bytes that the kernel keeps: each part padded to 4 bytes in a concatenation. `last`: the last value of prefixes.
std::vector<std::uint8_t> encode(std::span<const Type> types, std::span<const Value> values, bool last = false);

// The reverse; `end` is the interval's end and empty for single values. Throws std::invalid_argument for wrong sizes
// and for an interval that is no prefix.
Values decode(std::span<const Type> types, std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> end);

// "10.1.0.2 . tcp . 80", as nft(8) writes it.
std::string text(std::span<const Value> values);

// linux/netfilter/nf_tables.h leaves types to user space: the number nft(8) gives to the concatenation, and its length.
std::uint32_t type_number(std::span<const Type> types);
std::uint32_t length(std::span<const Type> types);

// "tcp", "udp", "sctp"; the number for others.
std::string text(Protocol protocol);

}  // namespace nft
