// SPDX-License-Identifier: Apache-2.0
#include "cli/show/address_list.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "lib/ipam/exhaustion.h"

namespace cli {
namespace {

constexpr std::time_t kYoung = 60;  // seconds

constexpr std::size_t kColumns = 5;
using Row = std::array<std::string, kColumns>;

Row row_of(const ListedAddress& one) {
  const auto or_dash = [](const std::string& word) { return word.empty() ? std::string("-") : word; };
  return {one.entry.address.text(), or_dash(one.entry.owner.container_id), or_dash(one.entry.owner.ifname),
          ipam::text(one.entry.since), std::string(text(one.state))};
}

std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths.at(i) = std::max(widths.at(i), row.at(i).size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < kColumns; ++i) {
      line += " " + row.at(i) + std::string(i + 1 < kColumns ? widths.at(i) + 1 - row.at(i).size() : 0, ' ');
    }
    text += line + "\n";
  }
  return text;
}

// A file of the old format names no interface.
bool is_of(const net::Owner& owner, const std::string& network, const ipam::Owner& of_entry) {
  if (owner.network != network || owner.container_id != of_entry.container_id) return false;
  return of_entry.ifname.empty() || owner.ifname == of_entry.ifname;
}

}  // namespace

AddressState state_of(const ipam::Entry& entry, const std::string& network, const UsedAddresses& used, const Now& now) {
  if (entry.kind == ipam::Entry::Kind::empty) return AddressState::empty;
  if (entry.kind == ipam::Entry::Kind::foreign) return AddressState::foreign;
  // Interfaces come first: a container's boot id may differ from the machine's.
  if (used.addresses.contains(entry.address)) return AddressState::in_use;
  const auto has_host_end = std::any_of(used.owners.begin(), used.owners.end(),
                                        [&](const net::Owner& owner) { return is_of(owner, network, entry.owner); });
  if (has_host_end) return AddressState::in_use;
  if (entry.is_of_earlier_boot(now.boot)) return AddressState::earlier_boot;
  if (now.time - entry.since < kYoung) return AddressState::young;
  return used.unseen.empty() ? AddressState::no_interface : AddressState::unknown;
}

bool is_dead(AddressState state) {
  return state == AddressState::earlier_boot || state == AddressState::no_interface || state == AddressState::empty;
}

std::string_view text(AddressState state) {
  switch (state) {
    case AddressState::in_use: return "in use";
    case AddressState::earlier_boot: return "from an earlier boot";
    case AddressState::no_interface: return "no interface has it";
    case AddressState::young: return "no interface has it yet";
    case AddressState::unknown: return "unknown: a namespace cannot be read";
    case AddressState::empty: return "an empty file";
    case AddressState::foreign: return "not ours";
  }
  return "";
}

std::string table(const AddressList& list) {
  std::string heading = "network " + list.network + ", " + list.directory + "\n";
  for (const std::string& set : list.exhausted) heading += "  range set " + set + " is exhausted: the next ADD fails\n";
  if (!list.has_store) return heading + "  no such directory: no address is allocated\n";
  if (list.addresses.empty()) return heading + "  no address is allocated\n";
  std::vector<Row> rows{{"ADDRESS", "CONTAINER", "INTERFACE", "SINCE", "STATE"}};
  for (const ListedAddress& one : list.addresses) rows.push_back(row_of(one));
  return heading + aligned(rows);
}

std::string json(const AddressList& list) {
  auto addresses = nlohmann::ordered_json::array();
  for (const ListedAddress& one : list.addresses) {
    addresses.push_back({{"address", one.entry.address.text()},
                         {"containerID", one.entry.owner.container_id},
                         {"ifname", one.entry.owner.ifname},
                         {"since", ipam::text(one.entry.since)},
                         {"state", text(one.state)}});
  }
  const nlohmann::ordered_json json{{"network", list.network},
                                    {"directory", list.directory},
                                    {"exhausted", list.exhausted},
                                    {"addresses", addresses}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace cli
