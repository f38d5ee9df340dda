#include "plugins/portmap/plan.h"

#include <algorithm>
#include <array>

#include "lib/plan/masquerade.h"

namespace portmap {
namespace {

constexpr std::array kFamilies{net::Family::v4, net::Family::v6};

nft::Element key_of(const Mapping& mapping, net::Family family) {
  if (mapping.is_on_one_address()) {
    return {nft::host_ip_map(family).name,
            {nft::value(*mapping.host_ip), mapping.protocol, nft::Port{mapping.host_port}},
            {},
            {}};
  }
  return {nft::host_port_map(family).name, {mapping.protocol, nft::Port{mapping.host_port}}, {}, {}};
}

const nft::Element* find_key(const std::vector<nft::Element>& elements, const nft::Element& key) {
  const auto found = std::find_if(elements.begin(), elements.end(), [&](const nft::Element& element) {
    return element.set == key.set && element.key == key.key;
  });
  return found == elements.end() ? nullptr : &*found;
}

std::string where(const nft::Element& published) {
  const Mapping mapping = mapping_of(published);
  return (mapping.host_ip ? mapping.host_ip->text() + " " : "") + "port " + std::to_string(mapping.host_port) + "/" +
         nft::text(mapping.protocol);
}

// Puts `wanted` in place of what is there under its key.
void replace(plan::Plan& plan, const nft::Element& wanted, const std::vector<nft::Element>& seen) {
  const nft::Element* present = find_key(seen, wanted);
  if (present != nullptr && *present == wanted) return;
  if (present != nullptr) plan.remove(*present);
  plan.add(wanted);
}

// What an earlier ADD of the same attachment made and this one does not. (localnet has no owner.)
void remove_stale(plan::Plan& plan, const std::string& comment, const std::vector<nft::Element>& wanted,
                  const std::vector<nft::Element>& seen) {
  for (const nft::Element& element : seen) {
    if (element.comment == comment && find_key(wanted, element) == nullptr) plan.remove(element);
  }
}

void refuse_taken(const nft::Element& wanted, const Seen& seen) {
  const nft::Element* present = find_key(seen.published, wanted);
  if (present == nullptr || present->comment == wanted.comment) return;
  throw cni::Error(cni::kPortTaken, "host " + where(wanted) + " is already published by " + present->comment,
                   "it goes to " + text(present->data) + "; choose another hostPort, or delete that container first");
}

}  // namespace

std::vector<nft::Element> keys_of(const Mapping& mapping) {
  std::vector<nft::Element> keys;
  for (const net::Family family : kFamilies) {
    if (mapping.serves(family)) keys.push_back(key_of(mapping, family));
  }
  return keys;
}

net::Prefix target_of(const nft::Element& published) { return std::get<net::Prefix>(published.data.at(0)); }

Mapping mapping_of(const nft::Element& published) {
  Mapping mapping;
  std::size_t at = 0;
  if (published.key.size() == 3) mapping.host_ip = std::get<net::Prefix>(published.key[at++]).address;
  mapping.protocol = std::get<nft::Protocol>(published.key.at(at++));
  mapping.host_port = std::get<nft::Port>(published.key.at(at)).number;
  if (published.data.size() == 2) mapping.container_port = std::get<nft::Port>(published.data[1]).number;
  return mapping;
}

std::vector<nft::Element> published_elements(const Wanted& wanted) {
  std::vector<nft::Element> elements;
  for (const net::Prefix& address : wanted.addresses) {
    for (const Mapping& mapping : wanted.config.mappings) {
      if (!mapping.serves(address.family())) continue;
      nft::Element element = key_of(mapping, address.family());
      element.data = {nft::value(address.address), nft::Port{mapping.container_port}};
      element.comment = wanted.config.owner.comment();
      const nft::Element* other = find_key(elements, element);
      if (other == nullptr) {
        elements.push_back(element);
      } else if (*other != element) {
        throw cni::Error(cni::kBadConfiguration, "runtimeConfig.portMappings: host " + where(element) +
                                                     " is mapped to two ports of the container: " + text(other->data) +
                                                     " and " + text(element.data));
      }
    }
  }
  return elements;
}

std::vector<nft::Element> other_elements(const Wanted& wanted) {
  const std::vector<nft::Element> published = published_elements(wanted);
  const std::string comment = wanted.config.owner.comment();
  std::vector<nft::Element> elements;
  if (published.empty()) return elements;
  elements.push_back({"publishers",
                      {wanted.config.owner.host_end().text()},
                      {nft::Mark{static_cast<std::uint32_t>(published.size())}},
                      comment});
  if (!wanted.config.snat) return elements;
  for (const nft::Element& element : published) {
    const net::Prefix target = target_of(element);
    const nft::Element served{nft::published_set(target.family()).name, {target}, {}, comment};
    if (find_key(elements, served) == nullptr) elements.push_back(served);
  }
  if (!wanted.localnet_link.empty()) elements.push_back({"localnet", {wanted.localnet_link}, {}, {}});
  return elements;
}

plan::Plan plan_publish(const Wanted& wanted, const Seen& seen) {
  plan::Plan plan;
  const std::vector<nft::Element> published = published_elements(wanted);
  const std::string comment = wanted.config.owner.comment();
  const std::vector<nft::Element> others = other_elements(wanted);
  for (const nft::Element& element : published) refuse_taken(element, seen);
  remove_stale(plan, comment, published, seen.published);
  remove_stale(plan, comment, others, seen.others);
  for (const nft::Element& element : published) replace(plan, element, seen.published);
  for (const nft::Element& element : others) replace(plan, element, seen.others);
  if (wanted.config.snat && !published.empty()) {
    plan::plan_local(plan, wanted.config.owner.network, wanted.addresses, seen.local);
  }
  guard(plan, seen.generation);
  return plan;
}

plan::Plan plan_withdraw(const net::Owner& owner, const Seen& seen) {
  plan::Plan plan;
  const std::string comment = owner.comment();
  for (const auto* elements : {&seen.published, &seen.others}) {
    for (const nft::Element& element : *elements) {
      // localnet belongs to the bridge, which stays.
      if (element.comment == comment && element.set != "localnet") plan.remove(element);
    }
  }
  guard(plan, seen.generation);
  return plan;
}

}  // namespace portmap
