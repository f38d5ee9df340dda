// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/spoof.h"

#include <algorithm>
#include <array>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/layer3.h"
#include "lib/attachment/removal.h"
#include "lib/log/log.h"
#include "lib/plan/elements.h"
#include "lib/ruleset/sets.h"

namespace bridge {
namespace {

constexpr std::array kFamilies{net::Family::v4, net::Family::v6};

bool contains(const std::vector<net::Address>& addresses, const net::Address& wanted) {
  return std::find(addresses.begin(), addresses.end(), wanted) != addresses.end();
}

// All addresses of a port, without duplicates: an IPAM plugin may return an address with two prefix lengths.
std::vector<net::Address> all_addresses(const Identity& identity) {
  std::vector<net::Address> all{link_local_of(identity.mac)};
  for (const net::Address& address : identity.addresses) {
    if (!contains(all, address)) all.push_back(address);
  }
  return all;
}

// The elements of an address: keyed by the address for the rules, and by the ordinal for DEL.
std::vector<ruleset::Element> elements_of(const std::string& port, const net::Address& address, std::uint32_t ordinal) {
  const net::Family family = address.family();
  std::vector<ruleset::Element> result{
      {ruleset::bridged_set(family).name, {port, nft::value(address)}},
      {ruleset::bridged_owner_map(family).name, {port, nft::Mark{ordinal}}, {nft::value(address)}}};
  if (family == net::Family::v6) result.push_back({"targets6", {port, nft::Target{address}}});
  return result;
}

// Adds an element of the table unless it was already added.
void look_up(const ruleset::Table& table, const ruleset::Element& wanted, std::vector<ruleset::Element>& into) {
  const bool is_known = std::any_of(into.begin(), into.end(), [&](const ruleset::Element& element) {
    return element.set == wanted.set && element.key == wanted.key;
  });
  if (is_known) return;
  if (auto element = table.find(wanted.set, wanted.key)) into.push_back(std::move(*element));
}

Identity identity_of(const Config& config, const net::Mac& mac, const std::vector<net::Prefix>& addresses) {
  Identity identity{mac, config.checks_addresses, {}};
  for (const net::Prefix& address : addresses) identity.addresses.push_back(address.address);
  return identity;
}

void set_checks(plan::Kernel& kernel, const net::Owner& owner, const Identity& identity) {
  const logging::Stage stage("spoof");
  const std::vector<ruleset::Element> wanted = elements_of(owner, identity);
  kernel.apply_with_retry([&] { return plan_checks(wanted, observe_checks(kernel.table(), owner, wanted)); });
}

// As ADD configured it; nullopt if prevResult lacks the container's MAC address, as results of old versions do.
std::optional<Identity> identity_in(const Config& config, const cni::Result& previous) {
  const std::string ifname = config.ifname.text();
  const cni::Interface* interface = attachment::find_interface(previous, ifname, true);
  const auto mac = interface == nullptr ? std::nullopt : net::Mac::parse(interface->mac);
  if (!mac) return std::nullopt;
  return identity_of(config, *mac, attachment::addresses_of(attachment::own_part(previous, ifname)));
}

}  // namespace

net::Address link_local_of(const net::Mac& mac) {
  const auto& from = mac.bytes;
  const auto first = static_cast<std::uint8_t>(from[0] ^ 2U);  // inverts the universal/local bit
  const std::array<std::uint8_t, 16> bytes{0xfe,  0x80,    0,       0,    0,    0,       0,       0,
                                           first, from[1], from[2], 0xff, 0xfe, from[3], from[4], from[5]};
  return net::Address::from_bytes(bytes);
}

std::vector<ruleset::Element> elements_of(const net::Owner& owner, const Identity& identity) {
  const std::string port = owner.host_end().text();
  std::vector<ruleset::Element> result{
      {"checked", {port}}, {"macs", {port, identity.mac}}, {"macof", {port}, {identity.mac}}};
  if (identity.has_addresses) {
    result.push_back({"ipchecked", {port}});
    const std::vector<net::Address> addresses = all_addresses(identity);
    for (const net::Family family : kFamilies) {
      std::uint32_t ordinal = 0;
      for (const net::Address& address : addresses) {
        if (address.family() != family) continue;
        for (ruleset::Element& element : elements_of(port, address, ordinal)) result.push_back(std::move(element));
        ++ordinal;
      }
    }
  }
  for (ruleset::Element& element : result) element.comment = owner.comment();
  return result;
}

std::vector<ruleset::Element> observe_checks(const ruleset::Table& table, const net::Owner& owner,
                                             const std::vector<ruleset::Element>& wanted) {
  const std::string port = owner.host_end().text();
  std::vector<ruleset::Element> seen;
  look_up(table, {"checked", {port}}, seen);
  look_up(table, {"ipchecked", {port}}, seen);
  if (auto element = table.find("macof", {port})) {
    look_up(table, {"macs", {port, element->data[0]}}, seen);
    seen.push_back(std::move(*element));
  }
  for (const net::Family family : kFamilies) {
    const std::string& map = ruleset::bridged_owner_map(family).name;
    for (std::uint32_t ordinal = 0; auto owned = table.find(map, {port, nft::Mark{ordinal}}); ++ordinal) {
      const net::Address address = std::get<net::Prefix>(owned->data[0]).address;
      for (const ruleset::Element& element : elements_of(port, address, ordinal)) {
        if (element.data.empty()) look_up(table, element, seen);
      }
      seen.push_back(std::move(*owned));
    }
  }
  for (const ruleset::Element& element : wanted) look_up(table, element, seen);
  return seen;
}

plan::Plan plan_checks(const std::vector<ruleset::Element>& wanted, const std::vector<ruleset::Element>& seen) {
  plan::Plan plan;
  const plan::Index wanted_index(wanted);
  const plan::Index seen_index(seen);
  for (const ruleset::Element& element : seen) {
    if (wanted_index.find(element) == nullptr) plan.remove(element);
  }
  for (const ruleset::Element& element : wanted) plan::replace(plan, element, seen_index);
  return plan;
}

plan::Plan plan_remove_checks(const net::Owner& owner, const std::vector<ruleset::Element>& seen) {
  plan::Plan plan;
  for (const ruleset::Element& element : seen) {
    if (element.comment == owner.comment()) plan.remove(element);
  }
  return plan;
}

void apply_checks(plan::Kernel& kernel, const Config& config, const std::vector<net::Prefix>& addresses) {
  if (config.checks_macs) set_checks(kernel, config.owner, identity_of(config, config.mac.value(), addresses));
}

void remove_checks(plan::Kernel& kernel, const net::Owner& owner) {
  const logging::Stage stage("spoof");
  kernel.apply_with_retry([&] { return plan_remove_checks(owner, observe_checks(kernel.table(), owner, {})); });
}

void restore_checks(plan::Kernel& kernel, const Config& config, const cni::Result& previous) {
  if (!config.checks_macs) return;
  const auto identity = identity_in(config, previous);
  if (identity) set_checks(kernel, config.owner, *identity);
}

void compare_checks(plan::Differences& differences, plan::Kernel& kernel, const Config& config,
                    const cni::Result& previous) {
  if (!config.checks_macs) return;
  attachment::compare_table(differences, kernel, nft::TableFamily::bridge);
  const auto identity = identity_in(config, previous);
  if (!identity) return;
  const std::vector<ruleset::Element> wanted = elements_of(config.owner, *identity);
  differences.expect_nothing_to_do(plan_checks(wanted, observe_checks(kernel.table(), config.owner, wanted)));
}

void remove_reference_checks(plan::Kernel& kernel, const net::Owner& owner) {
  attachment::remove_reference(kernel, [&] { return reference::observe_macspoofchk(kernel.netfilter(), owner); });
}

}  // namespace bridge
