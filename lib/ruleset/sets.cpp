// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/sets.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace ruleset {
namespace {

// The names of a set or map that exists once per family.
struct Names {
  std::string_view v4;
  std::string_view v6;
};

// The addresses from which containers may send, by the name of their port; and, for DEL, the addresses of a port.
void add_source_sets(std::vector<Set>& result) {
  const auto add = [&](const char* name, const std::vector<nft::Type>& key, const std::vector<nft::Type>& data,
                       std::string_view comment) {
    result.push_back(
        {{name, key, data, false, comment, nft::TableFamily::bridge}, Part::source_check, Lifetime::attachment});
  };
  add("checked", {nft::Type::ifname}, {}, "ports whose MAC address is checked");
  add("ipchecked", {nft::Type::ifname}, {}, "ports whose IP addresses are also checked");
  add("macs", {nft::Type::ifname, nft::Type::ether_addr}, {}, "port and its MAC address");
  add("ips4", {nft::Type::ifname, nft::Type::ipv4_addr}, {}, "port and its addresses");
  add("ips6", {nft::Type::ifname, nft::Type::ipv6_addr}, {}, "port and its addresses");
  add("targets6", {nft::Type::ifname, nft::Type::nd_target}, {},
      "port and the addresses that it may announce to neighbours");
  add("macof", {nft::Type::ifname}, {nft::Type::ether_addr}, "port to MAC address");
  add("ipsof4", {nft::Type::ifname, nft::Type::mark}, {nft::Type::ipv4_addr}, "port and ordinal to address");
  add("ipsof6", {nft::Type::ifname, nft::Type::mark}, {nft::Type::ipv6_addr}, "port and ordinal to address");
}

// The sets that exist once per family.
void add_family_sets(std::vector<Set>& result, bool is_v4) {
  using nft::Type;
  const Type address = is_v4 ? Type::ipv4_addr : Type::ipv6_addr;
  const std::vector<Type> service{Type::inet_proto, Type::inet_service};
  const std::vector<Type> target{address, Type::inet_service};
  const std::vector<Type> ordinal{Type::ifname, Type::mark};
  const auto add = [&](const Names& names, Part part, const std::vector<Type>& key, const std::vector<Type>& data,
                       std::string_view comment) {
    const bool is_interval = key == std::vector{address, address};
    result.push_back({{std::string(is_v4 ? names.v4 : names.v6), key, data, is_interval, comment}, part});
  };
  add({"masq4", "masq6"}, Part::masquerade, {address}, {}, "container addresses to masquerade towards the outside");
  add({"source4", "source6"}, Part::masquerade, {address}, {address},
      "masqueraded addresses and the source address to use instead of the host's");
  add({"random4", "random6"}, Part::masquerade, {address}, {}, "masqueraded addresses with random source ports");
  add({"local4", "local6"}, Part::masquerade, {address, address}, {}, "source and destination inside one network");
  result.back().lifetime = Lifetime::network;
  // The pair of a whole subnet has the network as its comment, and stays. The pair of a single address has the owner.
  add({"exclude4", "exclude6"}, Part::masquerade, {address, address}, {},
      "networks and destinations that are not masqueraded");
  add({"snat4", "snat6"}, Part::port, {address}, {}, "containers whose published ports are open to local clients");
  add({"masqall4", "masqall6"}, Part::port, {address}, {}, "containers that see every client as their gateway");
  add({"hostport4", "hostport6"}, Part::port, service, target, "ports published on every address of the host");
  add({"hostip4", "hostip6"}, Part::port, {address, Type::inet_proto, Type::inet_service}, target,
      "ports published on one address of the host");
  add({"standby4", "standby6"}, Part::port, {address, Type::inet_proto, Type::inet_service, Type::mark, Type::ifname},
      {address, Type::inet_service, Type::mark}, "published ports that stand by for another attachment");
  add({"owners4", "owners6"}, Part::masquerade, ordinal, {address},
      "host interface and ordinal to masqueraded address");
  add({"forward4", "forward6"}, Part::forward, {address}, {}, "container addresses that the host's firewalls accept");
  add({"forwarded4", "forwarded6"}, Part::forward, ordinal, {address},
      "host interface and ordinal to accepted address");
}

std::vector<Set> make_sets() {
  using nft::Type;
  std::vector<Set> result;
  for (const bool is_v4 : {true, false}) add_family_sets(result, is_v4);
  const auto add = [&](const nft::Set& set, Part part, Lifetime lifetime) { result.push_back({set, part, lifetime}); };
  add({"publishers",
       {Type::ifname},
       {Type::mark},
       false,
       "host interfaces of containers with published ports: number of elements, + 0x80000000 for an interface of ours"},
      Part::port, Lifetime::attachment);
  add({"localnet", {Type::ifname}, {}, false, "bridges with route_localnet"}, Part::port, Lifetime::attachment);
  add({"policed", {Type::ifname}, {}, false, "bridges without traffic between them"}, Part::forward, Lifetime::bridge);
  add({"within",
       {Type::ifname, Type::ifname},
       {},
       false,
       "pairs of a bridge with itself: its packets may return to it"},
      Part::forward, Lifetime::bridge);
  add({"isolated", {Type::ifname}, {}, false, "host interfaces that cannot reach each other", nft::TableFamily::bridge},
      Part::forward, Lifetime::attachment);
  add_source_sets(result);
  return result;
}

// The maps of conditions are created when they are needed.
const Set& conditional_map(bool is_v4) {
  const auto describe = [](const char* name, nft::Type address) {
    return Set{{name, {nft::Type::inet_proto, nft::Type::inet_service}, {address, nft::Type::inet_service}, false, {}},
               Part::port};
  };
  static const Set v4 = describe("when4", nft::Type::ipv4_addr);
  static const Set v6 = describe("when6", nft::Type::ipv6_addr);
  return is_v4 ? v4 : v6;
}

const Set& of_family(net::Family family, std::string_view v4, std::string_view v6) {
  return set_named(family == net::Family::v4 ? v4 : v6);
}

}  // namespace

std::span<const Set> sets() {
  static const std::vector<Set> all = make_sets();
  return all;
}

const Set& set_named(std::string_view name, std::span<const Set> all) {
  for (const Set& set : all) {
    if (set.name == name) return set;
  }
  if (name.starts_with("when4-") || name.starts_with("when6-")) return conditional_map(name[4] == '4');
  throw std::out_of_range("no set " + std::string(name) + " in our tables");
}

nft::TableFamily table_family_of(std::string_view name) {
  const std::span<const Set> all = sets();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Set& set) { return set.name == name; });
  return found == all.end() ? nft::TableFamily::inet : found->family;
}

const Set& masquerade_set(net::Family family) { return of_family(family, "masq4", "masq6"); }
const Set& local_set(net::Family family) { return of_family(family, "local4", "local6"); }
const Set& published_set(net::Family family) { return of_family(family, "snat4", "snat6"); }
const Set& host_port_map(net::Family family) { return of_family(family, "hostport4", "hostport6"); }
const Set& host_ip_map(net::Family family) { return of_family(family, "hostip4", "hostip6"); }
const Set& standby_map(net::Family family) { return of_family(family, "standby4", "standby6"); }
const Set& owner_map(net::Family family) { return of_family(family, "owners4", "owners6"); }
const Set& forward_set(net::Family family) { return of_family(family, "forward4", "forward6"); }
const Set& forwarded_map(net::Family family) { return of_family(family, "forwarded4", "forwarded6"); }
const Set& exclude_set(net::Family family) { return of_family(family, "exclude4", "exclude6"); }
const Set& source_map(net::Family family) { return of_family(family, "source4", "source6"); }
const Set& random_set(net::Family family) { return of_family(family, "random4", "random6"); }
const Set& masquerade_all_set(net::Family family) { return of_family(family, "masqall4", "masqall6"); }
const Set& bridged_set(net::Family family) { return of_family(family, "ips4", "ips6"); }
const Set& bridged_owner_map(net::Family family) { return of_family(family, "ipsof4", "ipsof6"); }

}  // namespace ruleset
