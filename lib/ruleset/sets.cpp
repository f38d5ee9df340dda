#include "lib/ruleset/sets.h"

#include <stdexcept>
#include <string>
#include <vector>

namespace ruleset {
namespace {

// The name of a set or map of which there is one a family.
struct Names {
  std::string_view v4;
  std::string_view v6;
};

// What containers may send as, by the name of their port, and for DEL what is a port's.
void add_source_sets(std::vector<nft::Set>& result) {
  const auto add = [&](const char* name, const std::vector<nft::Type>& key, const std::vector<nft::Type>& data,
                       std::string_view comment) {
    result.push_back({name, key, data, false, comment, nft::Home::bridge});
  };
  add("checked", {nft::Type::ifname}, {}, "ports whose MAC address is checked");
  add("ipchecked", {nft::Type::ifname}, {}, "ports whose IP addresses are checked too");
  add("macs", {nft::Type::ifname, nft::Type::ether_addr}, {}, "ports and the MAC address that is theirs");
  add("ips4", {nft::Type::ifname, nft::Type::ipv4_addr}, {}, "ports and the addresses that are theirs");
  add("ips6", {nft::Type::ifname, nft::Type::ipv6_addr}, {}, "ports and the addresses that are theirs");
  add("targets6", {nft::Type::ifname, nft::Type::nd_target}, {},
      "ports and the addresses that they may tell neighbours of");
  add("macof", {nft::Type::ifname}, {nft::Type::ether_addr}, "port to MAC address");
  add("ipsof4", {nft::Type::ifname, nft::Type::mark}, {nft::Type::ipv4_addr}, "port and ordinal to address");
  add("ipsof6", {nft::Type::ifname, nft::Type::mark}, {nft::Type::ipv6_addr}, "port and ordinal to address");
}

std::vector<nft::Set> make_sets() {
  std::vector<nft::Set> result;
  for (const bool is_v4 : {true, false}) {
    const nft::Type address = is_v4 ? nft::Type::ipv4_addr : nft::Type::ipv6_addr;
    const auto add = [&](const Names& names, const std::vector<nft::Type>& key, const std::vector<nft::Type>& data,
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
    add({"hostport4", "hostport6"}, {nft::Type::inet_proto, nft::Type::inet_service},
        {address, nft::Type::inet_service}, "ports published on every address of the host");
    add({"hostip4", "hostip6"}, {address, nft::Type::inet_proto, nft::Type::inet_service},
        {address, nft::Type::inet_service}, "ports published on one address of the host");
    add({"owners4", "owners6"}, {nft::Type::ifname, nft::Type::mark}, {address},
        "host interface and ordinal to masqueraded address");
    add({"forward4", "forward6"}, {address}, {},
        "container addresses that the host's firewalls were told to let through");
    add({"forwarded4", "forwarded6"}, {nft::Type::ifname, nft::Type::mark}, {address},
        "host interface and ordinal to such address");
  }
  result.push_back({"publishers",
                    {nft::Type::ifname},
                    {nft::Type::mark},
                    false,
                    "host interfaces of containers with published ports: number of elements, + 0x80000000 for an "
                    "interface of ours"});
  result.push_back({"localnet", {nft::Type::ifname}, {}, false, "bridges with route_localnet"});
  result.push_back({"policed", {nft::Type::ifname}, {}, false, "bridges that nothing passes between"});
  result.push_back(
      {"within", {nft::Type::ifname, nft::Type::ifname}, {}, false, "those that may route to themselves, twice"});
  result.push_back(
      {"isolated", {nft::Type::ifname}, {}, false, "host interfaces that reach no other of them", nft::Home::bridge});
  add_source_sets(result);
  return result;
}

// The maps that belong to conditions are made as they are needed.
const nft::Set& conditional_map(bool is_v4) {
  const auto describe = [](const char* name, nft::Type address) {
    return nft::Set{
        name, {nft::Type::inet_proto, nft::Type::inet_service}, {address, nft::Type::inet_service}, false, {}};
  };
  static const nft::Set v4 = describe("when4", nft::Type::ipv4_addr);
  static const nft::Set v6 = describe("when6", nft::Type::ipv6_addr);
  return is_v4 ? v4 : v6;
}

const nft::Set& of_family(net::Family family, std::string_view v4, std::string_view v6) {
  return set_named(family == net::Family::v4 ? v4 : v6);
}

}  // namespace

std::span<const nft::Set> sets() {
  static const std::vector<nft::Set> all = make_sets();
  return all;
}

const nft::Set& set_named(std::string_view name) {
  for (const nft::Set& set : sets()) {
    if (set.name == name) return set;
  }
  if (name.starts_with("when4-") || name.starts_with("when6-")) return conditional_map(name[4] == '4');
  throw std::out_of_range("no set " + std::string(name) + " in our tables");
}

const nft::Set& masquerade_set(net::Family family) { return of_family(family, "masq4", "masq6"); }
const nft::Set& local_set(net::Family family) { return of_family(family, "local4", "local6"); }
const nft::Set& published_set(net::Family family) { return of_family(family, "snat4", "snat6"); }
const nft::Set& host_port_map(net::Family family) { return of_family(family, "hostport4", "hostport6"); }
const nft::Set& host_ip_map(net::Family family) { return of_family(family, "hostip4", "hostip6"); }
const nft::Set& owner_map(net::Family family) { return of_family(family, "owners4", "owners6"); }
const nft::Set& forward_set(net::Family family) { return of_family(family, "forward4", "forward6"); }
const nft::Set& forwarded_map(net::Family family) { return of_family(family, "forwarded4", "forwarded6"); }
const nft::Set& exclude_set(net::Family family) { return of_family(family, "exclude4", "exclude6"); }
const nft::Set& source_map(net::Family family) { return of_family(family, "source4", "source6"); }
const nft::Set& random_set(net::Family family) { return of_family(family, "random4", "random6"); }
const nft::Set& masquerade_all_set(net::Family family) { return of_family(family, "masqall4", "masqall6"); }
const nft::Set& bridged_set(net::Family family) { return of_family(family, "ips4", "ips6"); }
const nft::Set& bridged_owner_map(net::Family family) { return of_family(family, "ipsof4", "ipsof6"); }

}  // namespace ruleset
