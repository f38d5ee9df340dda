#include "plugins/portmap/seen.h"

#include <algorithm>
#include <unordered_set>

#include "lib/netlink/link.h"
#include "lib/plan/masquerade.h"

namespace portmap {
namespace {

// Adds elements to a list, each once, by set and key: a container may publish tens of thousands of ports.
class Once {
 public:
  explicit Once(std::vector<nft::Element>& in) : in_(in) {
    for (const nft::Element& element : in) keys_.insert(key_of(element));
  }
  void keep(std::optional<nft::Element> element) {
    if (element && keys_.insert(key_of(*element)).second) in_.push_back(std::move(*element));
  }

 private:
  static std::string key_of(const nft::Element& element) { return element.set + " " + nft::text(element.key); }
  std::vector<nft::Element>& in_;
  std::unordered_set<std::string> keys_;
};

// Everything of that owner's in the maps of ports.
void list_owned(const nft::Table& table, const net::Owner& owner, std::vector<nft::Element>& into) {
  const std::string comment = owner.comment();
  std::vector<std::string> maps;
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    maps.insert(maps.end(), {nft::host_port_map(family).name, nft::host_ip_map(family).name});
  }
  for (const auto& one : table.list_conditions()) maps.push_back(one.conditions.map_name());
  Once owned(into);
  for (const std::string& map : maps) {
    for (nft::Element& element : table.list(map)) {
      if (element.comment == comment) owned.keep(std::move(element));
    }
  }
}

std::size_t count_owned(const std::vector<nft::Element>& elements, const net::Owner& owner) {
  return static_cast<std::size_t>(std::count_if(elements.begin(), elements.end(), [&](const nft::Element& element) {
    return element.comment == owner.comment();
  }));
}

// The addresses that the owner's ports lead to: one of each family at the most.
std::vector<net::Prefix> targets(const std::vector<nft::Element>& published, const net::Owner& owner) {
  std::vector<net::Prefix> result;
  for (const nft::Element& element : published) {
    if (element.comment != owner.comment()) continue;
    const net::Prefix target = target_of(element);
    if (std::find(result.begin(), result.end(), target) == result.end()) result.push_back(target);
  }
  return result;
}

// The owner's element of publishers tells how many there must be.
void complete(const nft::Table& table, const net::Owner& owner, Seen& seen) {
  auto publisher = table.find("publishers", {owner.host_end().text()});
  if (!publisher || publisher->comment != owner.comment()) return;
  if (count_owned(seen.published, owner) < published_count(*publisher)) list_owned(table, owner, seen.published);
  Once others(seen.others);
  others.keep(std::move(publisher));
  others.keep(table.find("localnet", {owner.host_end().text()}));
  for (const net::Prefix& target : targets(seen.published, owner)) {
    others.keep(table.find(nft::published_set(target.family()).name, {target}));
    others.keep(table.find(nft::masquerade_all_set(target.family()).name, {target}));
  }
}

// Those of the other publishers whose host end was one of ours and is there no more.
void observe_gone(const nft::Table& table, netlink::Socket& host, const net::Owner& owner, Seen& seen) {
  std::vector<std::string> asked{owner.comment()};
  for (const nft::Element& element : seen.published) {
    if (std::find(asked.begin(), asked.end(), element.comment) != asked.end()) continue;
    asked.push_back(element.comment);
    const auto host_end = net::Owner::host_end_of(element.comment);
    const auto publisher = host_end ? table.find("publishers", {host_end->text()}) : std::nullopt;
    const bool has_link = publisher && publisher->comment == element.comment && has_host_end(*publisher);
    if (has_link && !netlink::observe_link(host, *host_end)) seen.gone.push_back(element.comment);
  }
}

}  // namespace

Seen observe(const nft::Table& table, netlink::Socket& host, const Wanted& wanted) {
  Seen seen;
  seen.generation = table.generation();
  const std::vector<nft::Element> published = published_elements(wanted);
  for (const nft::Element& element : published) {
    if (auto present = table.find(element.set, element.key)) seen.published.push_back(std::move(*present));
  }
  observe_gone(table, host, wanted.config.owner, seen);
  complete(table, wanted.config.owner, seen);
  Once others(seen.others);
  for (const nft::Element& element : other_elements(wanted, published)) {
    others.keep(table.find(element.set, element.key));
  }
  if (wanted.config.snat) seen.local = plan::observe_local(table);
  if (!conditions_of(wanted).empty()) seen.conditions = table.list_conditions();
  return seen;
}

Seen observe_owned(const nft::Table& table, const Config& config) {
  Seen seen;
  seen.generation = table.generation();
  if (!table.find("publishers", {config.owner.host_end().text()})) return seen;
  Once published(seen.published);
  for (const Mapping& mapping : config.mappings) {
    for (const nft::Element& key : keys_of(config, mapping)) published.keep(table.find(key.set, key.key));
  }
  complete(table, config.owner, seen);
  return seen;
}

std::vector<nft::Table::SeenConditions> observe_empty_conditions(const nft::Table& table) {
  std::vector<nft::Table::SeenConditions> all = table.list_conditions();
  std::erase_if(all, [&](const auto& one) { return !table.list(one.conditions.map_name()).empty(); });
  return all;
}

}  // namespace portmap
