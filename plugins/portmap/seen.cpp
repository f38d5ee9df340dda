#include "plugins/portmap/seen.h"

#include <algorithm>
#include <unordered_set>

#include "lib/masquerade/plan.h"
#include "lib/netlink/link.h"
#include "lib/ruleset/sets.h"

namespace portmap {
namespace {

// Adds elements to a list, each key once: a container may publish tens of thousands of ports.
void add_new(std::vector<ruleset::Element>& to, std::vector<ruleset::Element> found) {
  std::unordered_set<std::string> keys;
  const auto insert = [&](const ruleset::Element& element) {
    return keys.insert(element.set + " " + nft::text(element.key)).second;
  };
  for (const ruleset::Element& element : to) insert(element);
  for (ruleset::Element& element : found) {
    if (insert(element)) to.push_back(std::move(element));
  }
}

// Everything of that owner's in these sets.
std::vector<ruleset::Element> list_owned(const ruleset::Table& table, const net::Owner& owner,
                                         const std::vector<std::string>& sets) {
  const std::string comment = owner.comment();
  const auto is_owned = [&](const ruleset::Element& element) { return element.comment == comment; };
  std::vector<ruleset::Element> owned;
  for (const std::string& set : sets) {
    for (ruleset::Element& element : table.list(set, is_owned)) owned.push_back(std::move(element));
  }
  return owned;
}

std::vector<std::string> port_maps(const ruleset::Table& table) {
  std::vector<std::string> maps;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    maps.insert(maps.end(), {ruleset::host_port_map(family).name, ruleset::host_ip_map(family).name});
  }
  for (const auto& one : table.list_conditions()) maps.push_back(one.conditions.map_name());
  return maps;
}

std::size_t count_owned(const std::vector<ruleset::Element>& elements, const net::Owner& owner) {
  return static_cast<std::size_t>(std::count_if(elements.begin(), elements.end(), [&](const ruleset::Element& element) {
    return element.comment == owner.comment();
  }));
}

// The keys of what goes with the owner's ports; they lead to one address of each family at most.
std::vector<ruleset::Element> keys_beside(const std::vector<ruleset::Element>& ports, const net::Owner& owner) {
  std::vector<ruleset::Element> keys{{"localnet", {owner.host_end().text()}}};
  std::vector<net::Prefix> targets;
  for (const ruleset::Element& port : ports) {
    const net::Prefix target = target_of(port);
    const bool is_known = std::find(targets.begin(), targets.end(), target) != targets.end();
    if (port.comment != owner.comment() || is_known) continue;
    targets.push_back(target);
    keys.push_back({ruleset::published_set(target.family()).name, {target}});
    keys.push_back({ruleset::masquerade_all_set(target.family()).name, {target}});
  }
  return keys;
}

ruleset::Element publisher_key(const net::Owner& owner) { return {"publishers", {owner.host_end().text()}}; }

// Adds what is the owner's under other keys. Its element of publishers, among the others, says how many ports there must be.
void complete(const ruleset::Table& table, const net::Owner& owner, Seen& seen) {
  const auto publisher = std::find_if(seen.others.begin(), seen.others.end(),
                                      [](const ruleset::Element& element) { return element.set == "publishers"; });
  if (publisher == seen.others.end() || publisher->comment != owner.comment()) return;
  const std::size_t count = port_count(*publisher);
  if (count_owned(seen.ports, owner) < count) add_new(seen.ports, list_owned(table, owner, port_maps(table)));
  add_new(seen.others, table.find(keys_beside(seen.ports, owner)).elements);
  if (count_owned(seen.ports, owner) >= count) return;
  // Others have taken over ports of a container that had died: no port leads to its addresses any more.
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    const std::vector sets{ruleset::published_set(family).name, ruleset::masquerade_all_set(family).name};
    add_new(seen.others, list_owned(table, owner, sets));
  }
}

// Those of the other publishers whose host end was one of ours and no longer exists.
void observe_gone(const ruleset::Table& table, netlink::Socket& host, const net::Owner& owner, Seen& seen) {
  std::vector<std::string> known{owner.comment()};
  for (const ruleset::Element& port : seen.ports) {
    if (std::find(known.begin(), known.end(), port.comment) != known.end()) continue;
    known.push_back(port.comment);
    const auto host_end = net::Owner::host_end_of(port.comment);
    const auto publisher = host_end ? table.find("publishers", {host_end->text()}) : std::nullopt;
    const bool has_link = publisher && publisher->comment == port.comment && has_host_end(*publisher);
    if (has_link && !netlink::observe_link(host, *host_end)) seen.gone_owners.push_back(port.comment);
  }
}

}  // namespace

Seen observe(const ruleset::Table& table, netlink::Socket& host, const Wanted& wanted) {
  Seen seen;
  std::vector<ruleset::Element> keys = wanted.ports;
  keys.insert(keys.end(), wanted.others.begin(), wanted.others.end());
  if (wanted.ports.empty()) keys.push_back(publisher_key(wanted.owner));  // an earlier ADD may have had ports
  ruleset::Table::Found found = table.find(keys);
  seen.generation = found.generation;
  for (ruleset::Element& element : found.elements) {
    (is_port(element) ? seen.ports : seen.others).push_back(std::move(element));
  }
  observe_gone(table, host, wanted.owner, seen);
  complete(table, wanted.owner, seen);
  seen.local = masquerade::observe_local(table, wanted.subnets);
  if (!wanted.conditions.empty()) seen.conditions = table.list_conditions();
  return seen;
}

Seen observe_owned(const ruleset::Table& table, const Config& config) {
  Seen seen;
  ruleset::Table::Found publisher = table.find(std::vector{publisher_key(config.owner)});
  seen.generation = publisher.generation;
  if (publisher.elements.empty()) return seen;
  seen.others = std::move(publisher.elements);
  add_new(seen.ports, table.find(keys_of(config)).elements);
  complete(table, config.owner, seen);
  return seen;
}

std::vector<ruleset::Table::SeenConditions> observe_empty_conditions(const ruleset::Table& table) {
  std::vector<ruleset::Table::SeenConditions> all = table.list_conditions();
  std::erase_if(all, [&](const auto& one) { return !table.list(one.conditions.map_name()).empty(); });
  return all;
}

}  // namespace portmap
