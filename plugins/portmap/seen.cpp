#include "plugins/portmap/seen.h"

#include <algorithm>
#include <array>

#include "lib/plan/masquerade.h"

namespace portmap {
namespace {

void keep(std::optional<nft::Element> element, std::vector<nft::Element>& in) {
  if (element && std::find(in.begin(), in.end(), *element) == in.end()) in.push_back(std::move(*element));
}

// Everything of that owner's in the four maps of ports.
void list_owned(const nft::Table& table, const net::Owner& owner, std::vector<nft::Element>& into) {
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    for (const nft::Set* map : {&nft::host_port_map(family), &nft::host_ip_map(family)}) {
      for (nft::Element& element : table.list(map->name)) {
        if (element.comment == owner.comment()) keep(std::move(element), into);
      }
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
  const std::size_t expected = std::get<nft::Mark>(publisher->data.at(0)).number;
  if (count_owned(seen.published, owner) < expected) list_owned(table, owner, seen.published);
  keep(std::move(publisher), seen.others);
  keep(table.find("localnet", {owner.host_end().text()}), seen.others);
  for (const net::Prefix& target : targets(seen.published, owner)) {
    keep(table.find(nft::published_set(target.family()).name, {target}), seen.others);
  }
}

}  // namespace

Seen observe(const nft::Table& table, const Wanted& wanted) {
  Seen seen;
  seen.generation = table.generation();
  const std::vector<nft::Element> published = published_elements(wanted);
  for (const nft::Element& element : published) {
    if (auto present = table.find(element.set, element.key)) seen.published.push_back(std::move(*present));
  }
  complete(table, wanted.config.owner, seen);
  for (const nft::Element& element : other_elements(wanted, published)) {
    keep(table.find(element.set, element.key), seen.others);
  }
  if (wanted.config.snat) seen.local = plan::observe_local(table);
  return seen;
}

Seen observe_owned(const nft::Table& table, const net::Owner& owner, const std::vector<Mapping>& mappings) {
  Seen seen;
  seen.generation = table.generation();
  if (!table.find("publishers", {owner.host_end().text()})) return seen;
  for (const Mapping& mapping : mappings) {
    for (const nft::Element& key : keys_of(mapping)) keep(table.find(key.set, key.key), seen.published);
  }
  complete(table, owner, seen);
  return seen;
}

}  // namespace portmap
