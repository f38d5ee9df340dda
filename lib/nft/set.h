// SPDX-License-Identifier: Apache-2.0
// The sets and maps of our tables, and the values in their keys and data (nft(8), "SETS").
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
#include "lib/nft/table_family.h"
#include "lib/nft/target.h"

namespace nft {

// nft(8)'s data types that our keys consist of.
enum class Type : std::uint8_t { ipv4_addr, ipv6_addr, inet_proto, inet_service, ifname, mark, ether_addr, nd_target };

// Values of these types: an address (a prefix in interval sets), a protocol number (IPPROTO_*), a port, a name, a mark,
// a MAC address, a target (target.h).
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

Value value(const net::Address& address);  // a prefix of just that address

struct Set {
  std::string name;
  std::vector<Type> key;
  std::vector<Type> data;  // of a map; empty for a set
  bool is_interval = false;
  std::string_view comment;  // as shown by `nft list table`
  TableFamily family = TableFamily::inet;
};

// The bytes in the kernel: in a concatenation each part is padded to 4 bytes. `last`: the last address of prefixes.
std::vector<std::uint8_t> encode(std::span<const Type> types, std::span<const Value> values, bool last = false);

// The reverse. `end` is the interval's end, empty for single values. Throws std::invalid_argument for a wrong size or
// an interval that is not a prefix.
Values decode(std::span<const Type> types, std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> end);

// "10.1.0.2 . tcp . 80", as in nft(8).
std::string text(std::span<const Value> values);

// User space defines types (linux/netfilter/nf_tables.h): the number that nft(8) gives a concatenation, and its length.
std::uint32_t type_number(std::span<const Type> types);
std::uint32_t length(std::span<const Type> types);

// "tcp", "udp", "sctp"; a number for others.
std::string text(Protocol protocol);

}  // namespace nft
