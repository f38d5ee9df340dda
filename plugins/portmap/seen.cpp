// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/seen.h"

#include <algorithm>
#include <unordered_set>

#include "lib/masquerade/plan.h"
#include "lib/netlink/link.h"
#include "lib/plan/elements.h"
#include "lib/ruleset/sets.h"

namespace portmap {
namespace {

// Appends elements with new keys. A container may publish tens of thousands of ports.
void add_unique(std::vector<ruleset::Element>& to, std::vector<ruleset::Element> found) {
  std::unordered_set<std::string> keys;
  const auto insert = [&](const ruleset::Element& element) {
    return keys.insert(element.set + " " + nft::text(element.key)).second;
  };
  for (const ruleset::Element& element : to) insert(element);
  for (ruleset::Element& element : found) {
    if (insert(element)) to.push_back(std::move(element));
  }
}

// All elements of the owner in these sets.
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

// The keys of the elements that accompany the owner's ports. These lead to at most one address of each family.
std::vector<ruleset::Element> related_keys(const std::vector<ruleset::Element>& ports, const net::Owner& owner) {
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

// Adds the publisher's elements under other keys. Its element in publishers contains the number of its ports.
void add_remaining(const ruleset::Table& table, const net::Owner& owner, const ruleset::Element& publisher,
                   Seen& seen) {
  const std::size_t count = port_count(publisher);
  if (count_owned(seen.ports, owner) < count) add_unique(seen.ports, list_owned(table, owner, port_maps(table)));
  add_unique(seen.others, table.find(related_keys(seen.ports, owner)).elements);
  if (count_owned(seen.ports, owner) >= count) return;
  // Others have taken over the ports of a dead container, and no port leads to its addresses any more.
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    const std::vector sets{ruleset::published_set(family).name, ruleset::masquerade_all_set(family).name};
    add_unique(seen.others, list_owned(table, owner, sets));
  }
}

// Does the publisher's host end, one of ours, no longer exist?
bool is_gone(const ruleset::Table& table, netlink::Socket& host, const std::string& comment) {
  const auto host_end = net::Owner::host_end_of(comment);
  const auto publisher = host_end ? table.find("publishers", {host_end->text()}) : std::nullopt;
  const bool has_link = publisher && publisher->comment == comment && has_host_end(*publisher);
  return has_link && !netlink::observe_link(host, *host_end);
}

// Is it an attachment of the same container? A shortened comment may lack the container's ID; then the host end's alias
// contains it.
bool is_sibling(netlink::Socket& host, const net::Owner& owner, const std::string& comment) {
  auto other = net::Owner::parse(comment);
  if (!other) {
    const auto host_end = net::Owner::host_end_of(comment);
    const auto link = host_end ? netlink::observe_link(host, *host_end) : std::nullopt;
    const auto alias = link ? net::Owner::parse_alias(link->alias) : std::nullopt;
    if (alias && alias->owner.comment() == comment) other = alias->owner;
  }
  return other && other->container_id == owner.container_id;
}

// The owners of the elements except one, without duplicates.
std::vector<std::string> comments_of(const std::vector<ruleset::Element>& elements, const std::string& except = {}) {
  std::vector<std::string> comments;
  for (const ruleset::Element& element : elements) {
    const bool is_known = std::find(comments.begin(), comments.end(), element.comment) != comments.end();
    if (!is_known && element.comment != except) comments.push_back(element.comment);
  }
  return comments;
}

void observe_others(const ruleset::Table& table, netlink::Socket& host, const net::Owner& owner, Seen& seen) {
  for (std::string& comment : comments_of(seen.ports, owner.comment())) {
    if (is_gone(table, host, comment)) {
      seen.gone_owners.push_back(std::move(comment));
    } else if (is_sibling(host, owner, comment)) {
      seen.siblings.push_back(std::move(comment));
    }
  }
}

std::vector<ruleset::Element> list_standby(const ruleset::Table& table) {
  std::vector<ruleset::Element> all;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    for (ruleset::Element& element : table.list(ruleset::standby_map(family).name)) all.push_back(std::move(element));
  }
  return all;
}

// `ports`: the ports that attachments stand by for.
void add_successors(const ruleset::Table& table, netlink::Socket& host, std::vector<ruleset::Element> ports,
                    Seen& seen) {
  const plan::Index index(seen.ports);
  std::erase_if(ports, [&](const ruleset::Element& port) { return index.find(port) == nullptr; });
  for (const std::string& comment : comments_of(ports)) {
    if (!is_gone(table, host, comment)) continue;
    std::erase_if(ports, [&](const ruleset::Element& port) { return port.comment == comment; });
  }
  seen.successors = std::move(ports);
}

// Adds the owner's elements under other keys, and the ports that others stand by for.
void observe_rest(const ruleset::Table& table, netlink::Socket& host, const net::Owner& owner, Seen& seen) {
  const std::string comment = owner.comment();
  const auto publisher = std::find_if(seen.others.begin(), seen.others.end(), [&](const ruleset::Element& element) {
    return element.set == "publishers" && element.comment == comment;
  });
  const bool is_publisher = publisher != seen.others.end();
  if (!is_publisher && seen.gone_owners.empty() && seen.siblings.empty()) return;
  std::vector<ruleset::Element> ports;
  for (ruleset::Element& standby : list_standby(table)) {
    if (standby.comment == comment) {
      seen.ports.push_back(std::move(standby));
    } else {
      ports.push_back(port_of(standby));
    }
  }
  if (is_publisher) add_remaining(table, owner, ruleset::Element(*publisher), seen);
  add_successors(table, host, std::move(ports), seen);
}

}  // namespace

Seen observe(const ruleset::Table& table, netlink::Socket& host, const Wanted& wanted) {
  Seen seen;
  std::vector<ruleset::Element> keys = wanted.ports;
  keys.insert(keys.end(), wanted.others.begin(), wanted.others.end());
  if (wanted.ports.empty()) keys.push_back(publisher_key(wanted.owner));  // an earlier ADD may have published ports
  ruleset::Table::Found found = table.find(keys);
  seen.generation = found.generation;
  for (ruleset::Element& element : found.elements) {
    (is_port(element) ? seen.ports : seen.others).push_back(std::move(element));
  }
  observe_others(table, host, wanted.owner, seen);
  observe_rest(table, host, wanted.owner, seen);
  seen.local = masquerade::observe_local(table, wanted.subnets);
  if (!wanted.conditions.empty()) seen.conditions = table.list_conditions();
  return seen;
}

Seen observe_owned(const ruleset::Table& table, netlink::Socket& host, const Config& config) {
  Seen seen;
  ruleset::Table::Found publisher = table.find(std::vector{publisher_key(config.owner)});
  seen.generation = publisher.generation;
  if (publisher.elements.empty()) return seen;
  seen.others = std::move(publisher.elements);
  add_unique(seen.ports, table.find(keys_of(config)).elements);
  observe_rest(table, host, config.owner, seen);
  return seen;
}

Seen observe_abandoned(const ruleset::Table& table, netlink::Socket& host, const net::Attachments& alive) {
  Seen seen;
  seen.generation = table.generation();
  std::vector<ruleset::Element> ports;
  for (const ruleset::Element& standby : list_standby(table)) {
    if (!alive.is_abandoned(standby.comment)) ports.push_back(port_of(standby));
  }
  if (ports.empty()) return seen;
  add_unique(seen.ports, table.find(ports).elements);
  for (std::string& comment : comments_of(seen.ports)) {
    if (alive.is_abandoned(comment) || is_gone(table, host, comment)) seen.gone_owners.push_back(std::move(comment));
  }
  add_successors(table, host, std::move(ports), seen);
  return seen;
}

std::vector<ruleset::Table::SeenConditions> observe_empty_conditions(const ruleset::Table& table) {
  std::vector<ruleset::Table::SeenConditions> all = table.list_conditions();
  std::erase_if(all, [&](const auto& one) { return !table.list(one.conditions.map_name()).empty(); });
  return all;
}

}  // namespace portmap
