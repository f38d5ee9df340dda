#include "lib/nft/set.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace nft {
namespace {

constexpr std::uint32_t kRegister = 4;    // bytes: what parts of a concatenation are padded to
constexpr unsigned kBitsPerType = 6;      // nft's include/datatype.h, TYPE_BITS
constexpr std::size_t kLongestName = 16;  // IFNAMSIZ

struct TypeFacts {
  std::uint32_t number;  // nft's include/datatype.h, enum datatypes
  std::uint32_t length;  // bytes
};

TypeFacts facts(Type type) {
  constexpr std::array<TypeFacts, 8> kFacts{
      {{7, 4}, {8, 16}, {12, 1}, {13, 2}, {41, kLongestName}, {19, 4}, {9, 6}, {4, 16}}};
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

// The prefix whose first and last addresses these are; one address when there is no end. An operator can put ranges into a
// set that are no prefix: none of ours.
net::Prefix prefix_between(std::span<const std::uint8_t> first, std::span<const std::uint8_t> last) {
  const net::Address address = net::Address::from_bytes(first);
  net::Prefix prefix = net::Prefix::host(address);
  if (last.empty()) return prefix;
  const net::Address end = net::Address::from_bytes(last);
  while (prefix.length > 0 && prefix.last() != end) --prefix.length;
  if (prefix.last() != end || prefix.first() != address) throw std::invalid_argument("a range that is no prefix");
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

// The name of a set or map of which there is one a family.
struct Names {
  std::string_view v4;
  std::string_view v6;
};

// What containers may send as, by the name of their port, and for DEL what is a port's.
void add_source_sets(std::vector<Set>& result) {
  const auto add = [&](const char* name, const std::vector<Type>& key, const std::vector<Type>& data,
                       std::string_view comment) {
    result.push_back({name, key, data, false, comment, Home::bridge});
  };
  add("checked", {Type::ifname}, {}, "ports whose MAC address is checked");
  add("ipchecked", {Type::ifname}, {}, "ports whose IP addresses are checked too");
  add("macs", {Type::ifname, Type::ether_addr}, {}, "ports and the MAC address that is theirs");
  add("ips4", {Type::ifname, Type::ipv4_addr}, {}, "ports and the addresses that are theirs");
  add("ips6", {Type::ifname, Type::ipv6_addr}, {}, "ports and the addresses that are theirs");
  add("targets6", {Type::ifname, Type::nd_target}, {}, "ports and the addresses that they may tell neighbours of");
  add("macof", {Type::ifname}, {Type::ether_addr}, "port to MAC address");
  add("ipsof4", {Type::ifname, Type::mark}, {Type::ipv4_addr}, "port and ordinal to address");
  add("ipsof6", {Type::ifname, Type::mark}, {Type::ipv6_addr}, "port and ordinal to address");
}

std::vector<Set> make_sets() {
  std::vector<Set> result;
  for (const bool is_v4 : {true, false}) {
    const Type address = is_v4 ? Type::ipv4_addr : Type::ipv6_addr;
    const auto add = [&](const Names& names, const std::vector<Type>& key, const std::vector<Type>& data,
                         std::string_view comment) {
      const bool is_interval = key == std::vector{address, address};
      result.push_back({std::string(is_v4 ? names.v4 : names.v6), key, data, is_interval, comment});
    };
    add({"masq4", "masq6"}, {address}, {}, "container addresses to masquerade towards the outside");
    add({"source4", "source6"}, {address}, {address}, "those that go out under another address than the host's");
    add({"random4", "random6"}, {address}, {}, "those that go out from ports chosen at random");
    add({"local4", "local6"}, {address, address}, {}, "source and destination inside one network");
    add({"exclude4", "exclude6"}, {address, address}, {}, "networks and the destinations they reach as they are");
    add({"snat4", "snat6"}, {address}, {}, "containers whose published ports local clients may use");
    add({"masqall4", "masqall6"}, {address}, {}, "containers that see every client as their gateway");
    add({"hostport4", "hostport6"}, {Type::inet_proto, Type::inet_service}, {address, Type::inet_service},
        "ports published on every address of the host");
    add({"hostip4", "hostip6"}, {address, Type::inet_proto, Type::inet_service}, {address, Type::inet_service},
        "ports published on one address of the host");
    add({"owners4", "owners6"}, {Type::ifname, Type::mark}, {address},
        "host interface and ordinal to masqueraded address");
    add({"forward4", "forward6"}, {address}, {},
        "container addresses that the host's firewalls were told to let through");
    add({"forwarded4", "forwarded6"}, {Type::ifname, Type::mark}, {address},
        "host interface and ordinal to such address");
  }
  result.push_back({"publishers",
                    {Type::ifname},
                    {Type::mark},
                    false,
                    "host interfaces of containers with published ports: number of elements, + 0x80000000 for an "
                    "interface of ours"});
  result.push_back({"localnet", {Type::ifname}, {}, false, "bridges with route_localnet"});
  result.push_back({"policed", {Type::ifname}, {}, false, "bridges that nothing passes between"});
  result.push_back({"within", {Type::ifname, Type::ifname}, {}, false, "those that may route to themselves, twice"});
  result.push_back(
      {"isolated", {Type::ifname}, {}, false, "host interfaces that reach no other of them", Home::bridge});
  add_source_sets(result);
  return result;
}

// The maps that belong to conditions are made as they are needed.
const Set& conditional_map(bool is_v4) {
  const auto describe = [](const char* name, Type address) {
    return Set{name, {Type::inet_proto, Type::inet_service}, {address, Type::inet_service}, false, {}};
  };
  static const Set v4 = describe("when4", Type::ipv4_addr);
  static const Set v6 = describe("when6", Type::ipv6_addr);
  return is_v4 ? v4 : v6;
}

const Set& of_family(net::Family family, std::string_view v4, std::string_view v6) {
  return set_named(family == net::Family::v4 ? v4 : v6);
}

}  // namespace

Value value(const net::Address& address) { return net::Prefix::host(address); }

std::span<const Set> sets() {
  static const std::vector<Set> all = make_sets();
  return all;
}

const Set& set_named(std::string_view name) {
  for (const Set& set : sets()) {
    if (set.name == name) return set;
  }
  if (name.starts_with("when4-") || name.starts_with("when6-")) return conditional_map(name[4] == '4');
  throw std::out_of_range("no set " + std::string(name) + " in our tables");
}

const Set& masquerade_set(net::Family family) { return of_family(family, "masq4", "masq6"); }
const Set& local_set(net::Family family) { return of_family(family, "local4", "local6"); }
const Set& published_set(net::Family family) { return of_family(family, "snat4", "snat6"); }
const Set& host_port_map(net::Family family) { return of_family(family, "hostport4", "hostport6"); }
const Set& host_ip_map(net::Family family) { return of_family(family, "hostip4", "hostip6"); }
const Set& owner_map(net::Family family) { return of_family(family, "owners4", "owners6"); }
const Set& forward_set(net::Family family) { return of_family(family, "forward4", "forward6"); }
const Set& forwarded_map(net::Family family) { return of_family(family, "forwarded4", "forwarded6"); }
const Set& exclude_set(net::Family family) { return of_family(family, "exclude4", "exclude6"); }
const Set& source_map(net::Family family) { return of_family(family, "source4", "source6"); }
const Set& random_set(net::Family family) { return of_family(family, "random4", "random6"); }
const Set& masquerade_all_set(net::Family family) { return of_family(family, "masqall4", "masqall6"); }
const Set& bridged_set(net::Family family) { return of_family(family, "ips4", "ips6"); }
const Set& bridged_owner_map(net::Family family) { return of_family(family, "ipsof4", "ipsof6"); }

std::vector<std::uint8_t> encode(std::span<const Type> types, std::span<const Value> values, bool last) {
  if (types.size() != values.size()) throw std::invalid_argument("a key has as many values as types");
  std::vector<std::uint8_t> result;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::size_t before = result.size();
    append_value(result, values[i], last);
    if (result.size() - before != facts(types[i]).length) throw std::invalid_argument("a value of another type");
    if (types.size() > 1) result.resize(before + padded(facts(types[i]).length));
  }
  return result;
}

Values decode(std::span<const Type> types, std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> end) {
  // A single inet_proto or inet_service comes back padded to a register; concatenations always are.
  if (bytes.size() < length(types) || (!end.empty() && end.size() < length(types))) {
    throw std::invalid_argument("a key of another size");
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
