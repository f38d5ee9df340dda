#include "plugins/portmap/seen.h"

#include <algorithm>
#include <unordered_set>

#include "lib/masquerade/plan.h"
#include "lib/netlink/link.h"
#include "lib/ruleset/sets.h"

namespace portmap {
namespace {

// Adds elements to a list, each once, by set and key: a container may publish tens of thousands of ports.
class Once {
 public:
  explicit Once(std::vector<ruleset::Element>& in) : in_(in) {
    for (const ruleset::Element& element : in) keys_.insert(key_of(element));
  }
  void keep(std::optional<ruleset::Element> element) {
    if (element && keys_.insert(key_of(*element)).second) in_.push_back(std::move(*element));
  }

 private:
  static std::string key_of(const ruleset::Element& element) { return element.set + " " + nft::text(element.key); }
  std::vector<ruleset::Element>& in_;
  std::unordered_set<std::string> keys_;
};

// Everything of that owner's in the maps of ports.
void list_owned(const ruleset::Table& table, const net::Owner& owner, std::vector<ruleset::Element>& into) {
  const std::string comment = owner.comment();
  std::vector<std::string> maps;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    maps.insert(maps.end(), {ruleset::host_port_map(family).name, ruleset::host_ip_map(family).name});
  }
  for (const auto& one : table.list_conditions()) maps.push_back(one.conditions.map_name());
  Once owned(into);
  for (const std::string& map : maps) {
    const auto is_owned = [&](const ruleset::Element& element) { return element.comment == comment; };
    for (ruleset::Element& element : table.list(map, is_owned)) owned.keep(std::move(element));
  }
}

std::size_t count_owned(const std::vector<ruleset::Element>& elements, const net::Owner& owner) {
  return static_cast<std::size_t>(std::count_if(elements.begin(), elements.end(), [&](const ruleset::Element& element) {
    return element.comment == owner.comment();
  }));
}

// The addresses that the owner's ports lead to: one of each family at the most.
std::vector<net::Prefix> targets(const std::vector<ruleset::Element>& published, const net::Owner& owner) {
  std::vector<net::Prefix> result;
  for (const ruleset::Element& element : published) {
    if (element.comment != owner.comment()) continue;
    const net::Prefix target = target_of(element);
    if (std::find(result.begin(), result.end(), target) == result.end()) result.push_back(target);
  }
  return result;
}

// The addresses that local clients are served by, where no port tells any more which they are: others have taken over the
// ports of a container that had died.
void list_owned_addresses(const ruleset::Table& table, const net::Owner& owner, Once& into) {
  const std::string comment = owner.comment();
  const auto is_owned = [&](const ruleset::Element& element) { return element.comment == comment; };
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    for (const auto& set : {ruleset::published_set(family), ruleset::masquerade_all_set(family)}) {
      for (ruleset::Element& element : table.list(set.name, is_owned)) into.keep(std::move(element));
    }
  }
}

ruleset::Element publisher_key(const net::Owner& owner) { return {"publishers", {owner.host_end().text()}}; }

// What the owner's element of publishers leads to: it tells how many ports there must be.
void complete(const ruleset::Table& table, const net::Owner& owner, const ruleset::Element& publisher, Seen& seen) {
  if (publisher.comment != owner.comment()) return;
  if (count_owned(seen.published, owner) < published_count(publisher)) list_owned(table, owner, seen.published);
  std::vector<ruleset::Element> wanted{{"localnet", {owner.host_end().text()}}};
  for (const net::Prefix& target : targets(seen.published, owner)) {
    wanted.push_back({ruleset::published_set(target.family()).name, {target}});
    wanted.push_back({ruleset::masquerade_all_set(target.family()).name, {target}});
  }
  Once others(seen.others);
  others.keep(publisher);
  for (ruleset::Element& element : table.find(wanted).elements) others.keep(std::move(element));
  if (count_owned(seen.published, owner) < published_count(publisher)) list_owned_addresses(table, owner, others);
}

// Those of the other publishers whose host end was one of ours and is there no more.
void observe_gone(const ruleset::Table& table, netlink::Socket& host, const net::Owner& owner, Seen& seen) {
  std::vector<std::string> asked{owner.comment()};
  for (const ruleset::Element& element : seen.published) {
    if (std::find(asked.begin(), asked.end(), element.comment) != asked.end()) continue;
    asked.push_back(element.comment);
    const auto host_end = net::Owner::host_end_of(element.comment);
    const auto publisher = host_end ? table.find("publishers", {host_end->text()}) : std::nullopt;
    const bool has_link = publisher && publisher->comment == element.comment && has_host_end(*publisher);
    if (has_link && !netlink::observe_link(host, *host_end)) seen.gone.push_back(element.comment);
  }
}

}  // namespace

Seen observe(const ruleset::Table& table, netlink::Socket& host, const Wanted& wanted) {
  Seen seen;
  const net::Owner& owner = wanted.config.owner;
  std::vector<ruleset::Element> keys = published_elements(wanted);
  for (ruleset::Element& element : other_elements(wanted, keys)) keys.push_back(std::move(element));
  keys.push_back(publisher_key(owner));
  ruleset::Table::Found found = table.find(keys);
  seen.generation = found.generation;
  std::optional<ruleset::Element> publisher;
  Once others(seen.others);
  for (ruleset::Element& element : found.elements) {
    if (element.set == publisher_key(owner).set) publisher = element;
    if (is_published(element)) {
      seen.published.push_back(std::move(element));
    } else {
      others.keep(std::move(element));
    }
  }
  observe_gone(table, host, owner, seen);
  if (publisher) complete(table, owner, *publisher, seen);
  if (wanted.config.snat) seen.local = masquerade::observe_local(table, wanted.addresses);
  if (!conditions_of(wanted).empty()) seen.conditions = table.list_conditions();
  return seen;
}

Seen observe_owned(const ruleset::Table& table, const Config& config) {
  Seen seen;
  const ruleset::Table::Found publisher = table.find(std::vector{publisher_key(config.owner)});
  seen.generation = publisher.generation;
  if (publisher.elements.empty()) return seen;
  std::vector<ruleset::Element> keys;
  for (const Mapping& mapping : config.mappings) {
    for (ruleset::Element& key : keys_of(config, mapping)) keys.push_back(std::move(key));
  }
  Once published(seen.published);
  for (ruleset::Element& element : table.find(keys).elements) published.keep(std::move(element));
  complete(table, config.owner, publisher.elements.front(), seen);
  return seen;
}

std::vector<ruleset::Table::SeenConditions> observe_empty_conditions(const ruleset::Table& table) {
  std::vector<ruleset::Table::SeenConditions> all = table.list_conditions();
  std::erase_if(all, [&](const auto& one) { return !table.list(one.conditions.map_name()).empty(); });
  return all;
}

}  // namespace portmap
