#include "plugins/portmap/plan.h"

#include <algorithm>
#include <array>

#include "lib/masquerade/plan.h"
#include "lib/plan/elements.h"
#include "lib/ruleset/sets.h"

namespace portmap {
namespace {

constexpr std::array kFamilies{net::Family::v4, net::Family::v6};

bool is_published_in(const Config& config, const Mapping& mapping, net::Family family) {
  return mapping.serves(family) && config.conditions(family).admits(mapping.protocol, mapping.host_port);
}

ruleset::Element key_of(const Config& config, const Mapping& mapping, net::Family family) {
  const ruleset::Conditions conditions = conditions_for(config, mapping, family);
  const nft::Values service{mapping.protocol, nft::Port{mapping.host_port}};
  if (!conditions.all.empty()) return {conditions.map_name(), service};
  if (!mapping.is_on_one_address()) return {ruleset::host_port_map(family).name, service};
  return {ruleset::host_ip_map(family).name,
          {nft::value(*mapping.host_ip), mapping.protocol, nft::Port{mapping.host_port}}};
}

std::string where(const ruleset::Element& published) {
  const Mapping mapping = mapping_of(published);
  return (mapping.host_ip ? mapping.host_ip->text() + " " : "") + "port " + std::to_string(mapping.host_port) + "/" +
         nft::text(mapping.protocol);
}

// What an earlier ADD of the same attachment made and this one does not. (localnet has no owner.)
void remove_stale(plan::Plan& plan, const std::string& comment, const plan::Index& wanted,
                  const std::vector<ruleset::Element>& seen) {
  for (const ruleset::Element& element : seen) {
    if (element.comment == comment && wanted.find(element) == nullptr) plan.remove(element);
  }
}

bool is_taken(const ruleset::Element& wanted, const ruleset::Element& present, const std::vector<std::string>& gone) {
  if (present.comment == wanted.comment) return false;
  if (present.data.at(0) == wanted.data.at(0)) return false;  // IPAM gave us the address: its former container is gone
  return std::find(gone.begin(), gone.end(), present.comment) == gone.end();
}

void refuse_taken(const ruleset::Element& wanted, const Seen& seen, const plan::Index& published) {
  const ruleset::Element* present = published.find(wanted);
  if (present == nullptr || !is_taken(wanted, *present, seen.gone)) return;
  throw cni::Error(cni::kPortTaken, "host " + where(wanted) + " is already published by " + present->comment,
                   "it goes to " + text(present->data) + "; choose another hostPort, or delete that container first");
}

// The maps of conditions, and their rules, that are not there yet.
void add_conditions(plan::Plan& plan, const Wanted& wanted, const Seen& seen) {
  for (const ruleset::Conditions& needed : conditions_of(wanted)) {
    const auto found = std::find_if(seen.conditions.begin(), seen.conditions.end(),
                                    [&](const auto& one) { return one.conditions == needed; });
    if (found != seen.conditions.end() && found->rule) continue;
    plan.add(ruleset::AddConditions{needed, found != seen.conditions.end()});
  }
}

constexpr std::uint32_t kHostEndIsOurs = 0x80000000U;  // the rest of a publisher's mark is the number

}  // namespace

std::uint32_t publisher_mark(std::size_t published, bool has_host_end) {
  return static_cast<std::uint32_t>(published) | (has_host_end ? kHostEndIsOurs : 0);
}

std::uint32_t published_count(const ruleset::Element& publisher) {
  return std::get<nft::Mark>(publisher.data.at(0)).number & ~kHostEndIsOurs;
}

bool has_host_end(const ruleset::Element& publisher) {
  return (std::get<nft::Mark>(publisher.data.at(0)).number & kHostEndIsOurs) != 0;
}

std::vector<ruleset::Conditions> conditions_of(const Wanted& wanted) {
  std::vector<ruleset::Conditions> all;
  for (const net::Prefix& address : wanted.addresses) {
    for (const Mapping& mapping : wanted.config.mappings) {
      if (!is_published_in(wanted.config, mapping, address.family())) continue;
      ruleset::Conditions conditions = conditions_for(wanted.config, mapping, address.family());
      if (conditions.all.empty() || std::find(all.begin(), all.end(), conditions) != all.end()) continue;
      all.push_back(std::move(conditions));
    }
  }
  return all;
}

bool is_published(const ruleset::Element& element) {
  if (element.set.starts_with("when")) return true;
  return std::any_of(kFamilies.begin(), kFamilies.end(), [&](net::Family family) {
    return element.set == ruleset::host_port_map(family).name || element.set == ruleset::host_ip_map(family).name;
  });
}

std::span<const std::string_view> owned_sets() {
  static constexpr std::array<std::string_view, 10> kSets{"hostport4", "hostport6", "hostip4",  "hostip6",
                                                          "snat4",     "snat6",     "masqall4", "masqall6",
                                                          "localnet",  "publishers"};
  return kSets;
}

std::vector<ruleset::Element> keys_of(const Config& config, const Mapping& mapping) {
  std::vector<ruleset::Element> keys;
  for (const net::Family family : kFamilies) {
    if (is_published_in(config, mapping, family)) keys.push_back(key_of(config, mapping, family));
  }
  return keys;
}

net::Prefix target_of(const ruleset::Element& published) { return std::get<net::Prefix>(published.data.at(0)); }

Mapping mapping_of(const ruleset::Element& published) {
  Mapping mapping;
  std::size_t at = 0;
  if (published.key.size() == 3) mapping.host_ip = std::get<net::Prefix>(published.key[at++]).address;
  mapping.protocol = std::get<nft::Protocol>(published.key.at(at++));
  mapping.host_port = std::get<nft::Port>(published.key.at(at)).number;
  if (published.data.size() == 2) mapping.container_port = std::get<nft::Port>(published.data[1]).number;
  return mapping;
}

std::vector<ruleset::Element> published_elements(const Wanted& wanted) {
  std::vector<ruleset::Element> all;
  for (const net::Prefix& address : wanted.addresses) {
    for (const Mapping& mapping : wanted.config.mappings) {
      if (!is_published_in(wanted.config, mapping, address.family())) continue;
      ruleset::Element element = key_of(wanted.config, mapping, address.family());
      element.data = {nft::value(address.address), nft::Port{mapping.container_port}};
      element.comment = wanted.config.owner.comment();
      all.push_back(std::move(element));
    }
  }
  const plan::Index index(all);  // of several with one key it knows the first
  std::vector<ruleset::Element> elements;
  for (const ruleset::Element& element : all) {
    const ruleset::Element* first = index.find(element);
    if (first == &element) elements.push_back(element);
    if (*first == element) continue;
    throw cni::Error(cni::kBadConfiguration, "runtimeConfig.portMappings: host " + where(element) +
                                                 " is mapped to two ports of the container: " + text(first->data) +
                                                 " and " + text(element.data));
  }
  return elements;
}

std::vector<ruleset::Element> other_elements(const Wanted& wanted, const std::vector<ruleset::Element>& published) {
  const std::string comment = wanted.config.owner.comment();
  std::vector<ruleset::Element> elements;
  if (published.empty()) return elements;
  elements.push_back({"publishers",
                      {wanted.config.owner.host_end().text()},
                      {nft::Mark{publisher_mark(published.size(), wanted.has_host_end)}},
                      comment});
  if (!wanted.config.snat) return elements;
  for (const net::Prefix& address : wanted.addresses) {
    const ruleset::Element served{
        ruleset::published_set(address.family()).name, {nft::value(address.address)}, {}, comment};
    const bool is_target = std::any_of(published.begin(), published.end(), [&](const ruleset::Element& element) {
      return target_of(element).address == address.address;
    });
    if (!is_target) continue;
    elements.push_back(served);
    if (!wanted.config.masq_all) continue;
    elements.push_back(
        {ruleset::masquerade_all_set(address.family()).name, {nft::value(address.address)}, {}, comment});
  }
  if (wanted.localnet_link.empty()) return elements;
  const bool is_own = wanted.localnet_link == wanted.config.owner.host_end().text();
  elements.push_back({"localnet", {wanted.localnet_link}, {}, is_own ? comment : std::string()});
  return elements;
}

plan::Plan plan_publish(const Wanted& wanted, const Seen& seen) {
  plan::Plan plan;
  const std::vector<ruleset::Element> published = published_elements(wanted);
  const plan::Index published_index(published);
  const plan::Index seen_published(seen.published);
  const plan::Index seen_others(seen.others);
  const std::string comment = wanted.config.owner.comment();
  const std::vector<ruleset::Element> others = other_elements(wanted, published);
  for (const ruleset::Element& element : published) refuse_taken(element, seen, seen_published);
  add_conditions(plan, wanted, seen);
  remove_stale(plan, comment, published_index, seen.published);
  remove_stale(plan, comment, plan::Index(others), seen.others);
  for (const ruleset::Element& element : published) replace(plan, element, seen_published);
  for (const ruleset::Element& element : others) replace(plan, element, seen_others);
  if (wanted.config.snat && !published.empty()) {
    masquerade::plan_local(plan, wanted.config.owner.network, wanted.addresses, seen.local);
  }
  guard(plan, seen.generation);
  return plan;
}

plan::Plan plan_forget_conditions(const std::vector<ruleset::Table::SeenConditions>& empty, std::uint32_t generation) {
  plan::Plan plan;
  for (const auto& one : empty) plan.remove(ruleset::RemoveConditions{one.conditions.map_name(), one.rule});
  guard(plan, generation);
  return plan;
}

plan::Plan plan_withdraw(const net::Owner& owner, const Seen& seen) {
  plan::Plan plan;
  const std::string comment = owner.comment();
  for (const auto* elements : {&seen.published, &seen.others}) {
    for (const ruleset::Element& element : *elements) {
      if (element.comment != comment) continue;  // a bridge's localnet has no owner, and stays with it
      if (element.set == "localnet") plan.host(sysctl::no_route_localnet(owner.host_end()));  // before its guard goes
      plan.remove(element);
    }
  }
  guard(plan, seen.generation);
  return plan;
}

}  // namespace portmap
