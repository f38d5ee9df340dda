// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/set.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace nft {
namespace {

constexpr std::uint32_t kRegister = 4;    // bytes; parts of a concatenation are padded to it
constexpr unsigned kBitsPerType = 6;      // nft's include/datatype.h, TYPE_BITS
constexpr std::size_t kLongestName = 16;  // IFNAMSIZ

struct TypeFacts {
  std::uint32_t number;  // nft's include/datatype.h, enum datatypes
  std::uint32_t length;  // bytes
};

TypeFacts facts(Type type) {
  constexpr std::array<TypeFacts, 8> kFacts{
      {{7, 4}, {8, 16}, {12, 1}, {13, 2}, {41, kLongestName}, {19, 4}, {9, 6}, {8, 16}}};
  return kFacts.at(static_cast<std::size_t>(type));
}

std::uint32_t padded(std::uint32_t size) { return (size + kRegister - 1) / kRegister * kRegister; }

void append(std::vector<std::uint8_t>& to, const void* from, std::size_t size) {
  const auto* const bytes = static_cast<const std::uint8_t*>(from);
  to.insert(to.end(), bytes, bytes + size);
}

void append_value(std::vector<std::uint8_t>& to, const Value& value, bool last) {
  if (const auto* prefix = std::get_if<net::Prefix>(&value)) {
    const net::Address address = last ? prefix->last() : prefix->first();
    append(to, address.bytes().data(), address.bytes().size());
  } else if (const auto* protocol = std::get_if<Protocol>(&value)) {
    append(to, &protocol->number, sizeof protocol->number);
  } else if (const auto* port = std::get_if<Port>(&value)) {
    const std::uint16_t ordered = htons(port->number);
    append(to, &ordered, sizeof ordered);
  } else if (const auto* name = std::get_if<std::string>(&value)) {
    std::string terminated = *name;
    terminated.resize(kLongestName);
    append(to, terminated.data(), terminated.size());
  } else if (const auto* mac = std::get_if<net::Mac>(&value)) {
    append(to, mac->bytes.data(), mac->bytes.size());
  } else if (const auto* target = std::get_if<Target>(&value)) {
    append(to, target->address.bytes().data(), target->address.bytes().size());
  } else {
    append(to, &std::get<Mark>(value).number, sizeof(std::uint32_t));  // host order, as meta mark
  }
}

// The prefix from first to last; a single address if `last` is empty. Ranges that are not prefixes come from operators.
net::Prefix prefix_between(std::span<const std::uint8_t> first, std::span<const std::uint8_t> last) {
  const net::Address address = net::Address::from_bytes(first);
  net::Prefix prefix = net::Prefix::host(address);
  if (last.empty()) return prefix;
  const net::Address end = net::Address::from_bytes(last);
  while (prefix.length > 0 && prefix.last() != end) --prefix.length;
  if (prefix.last() != end || prefix.first() != address) throw std::invalid_argument("range is not a prefix");
  return prefix;
}

Value decode_value(Type type, std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> end) {
  switch (type) {
    case Type::ipv4_addr:
    case Type::ipv6_addr: return prefix_between(bytes, end);
    case Type::inet_proto: return Protocol{bytes[0]};
    case Type::inet_service: return Port{static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1])};
    case Type::ifname: {
      const auto* const text = reinterpret_cast<const char*>(bytes.data());
      return std::string(text, ::strnlen(text, bytes.size()));
    }
    case Type::mark: {
      Mark mark;
      std::memcpy(&mark.number, bytes.data(), sizeof mark.number);
      return mark;
    }
    case Type::ether_addr: {
      net::Mac mac;
      std::copy_n(bytes.begin(), mac.bytes.size(), mac.bytes.begin());
      return mac;
    }
    case Type::nd_target: return Target{net::Address::from_bytes(bytes)};
  }
  throw std::invalid_argument("unknown type");
}

std::string text(const Value& value) {
  if (const auto* prefix = std::get_if<net::Prefix>(&value)) {
    return prefix->length == net::bits(prefix->family()) ? prefix->address.text() : prefix->text();
  }
  if (const auto* protocol = std::get_if<Protocol>(&value)) return text(*protocol);
  if (const auto* port = std::get_if<Port>(&value)) return std::to_string(port->number);
  if (const auto* name = std::get_if<std::string>(&value)) return "\"" + *name + "\"";
  if (const auto* mac = std::get_if<net::Mac>(&value)) return mac->text();
  if (const auto* target = std::get_if<Target>(&value)) return text(*target);
  return std::to_string(std::get<Mark>(value).number);
}

}  // namespace

Value value(const net::Address& address) { return net::Prefix::host(address); }

std::vector<std::uint8_t> encode(std::span<const Type> types, std::span<const Value> values, bool last) {
  if (types.size() != values.size()) throw std::invalid_argument("number of values differs from number of types");
  std::vector<std::uint8_t> result;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::size_t before = result.size();
    append_value(result, values[i], last);
    if (result.size() - before != facts(types[i]).length) throw std::invalid_argument("value has another type");
    if (types.size() > 1) result.resize(before + padded(facts(types[i]).length));
  }
  return result;
}

Values decode(std::span<const Type> types, std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> end) {
  // The kernel pads a single inet_proto or inet_service to a register; parts of concatenations are always padded.
  if (bytes.size() < length(types) || (!end.empty() && end.size() < length(types))) {
    throw std::invalid_argument("key has another size");
  }
  Values result;
  std::size_t offset = 0;
  for (const Type type : types) {
    const std::size_t size = facts(type).length;
    result.push_back(decode_value(type, bytes.subspan(offset, size), end.empty() ? end : end.subspan(offset, size)));
    offset += padded(facts(type).length);
  }
  return result;
}

std::string text(std::span<const Value> values) {
  std::string result;
  for (const Value& value : values) result += (result.empty() ? "" : " . ") + text(value);
  return result;
}

std::uint32_t type_number(std::span<const Type> types) {
  std::uint32_t number = 0;
  for (const Type type : types) number = number << kBitsPerType | facts(type).number;
  return number;
}

std::uint32_t length(std::span<const Type> types) {
  if (types.size() == 1) return facts(types[0]).length;
  std::uint32_t sum = 0;
  for (const Type type : types) sum += padded(facts(type).length);
  return sum;
}

std::string text(Protocol protocol) {
  switch (protocol.number) {
    case IPPROTO_TCP: return "tcp";
    case IPPROTO_UDP: return "udp";
    case IPPROTO_SCTP: return "sctp";
    default: return std::to_string(protocol.number);
  }
}

}  // namespace nft
