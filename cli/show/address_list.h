// SPDX-License-Identifier: Apache-2.0
// The addresses of a network's store and their states, as a table or as JSON. No system calls.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "cli/show/used_addresses.h"
#include "lib/ipam/store_view.h"

namespace cli {

enum class AddressState : std::uint8_t {
  in_use,        // an interface has it, or the container's host end exists
  earlier_boot,  // allocated before the last boot
  no_interface,  // no interface has it
  young,         // the same, but allocated within the last minute: ADD may be running
  unknown,       // the same, but some namespaces could not be read
  empty,         // an empty file
  foreign,       // not a file of ours
};

struct ListedAddress {
  ipam::Entry entry;
  AddressState state = AddressState::unknown;
};

struct AddressList {
  std::string network;
  std::string directory;
  std::vector<ListedAddress> addresses;
  bool has_store = true;                    // the directory exists
  std::vector<std::string> exhausted = {};  // range sets of the network's configuration without a free address
};

struct Now {
  std::time_t time = 0;
  std::string boot;
};

AddressState state_of(const ipam::Entry& entry, const std::string& network, const UsedAddresses& used, const Now& now);

// The address certainly has no owner.
bool is_dead(AddressState state);

std::string_view text(AddressState state);

// A heading, and an aligned row for each address.
std::string table(const AddressList& list);

// {"network", "directory", "exhausted": ["10.1.0.1-10.1.0.6"],
//  "addresses": [{"address", "containerID", "ifname", "since", "state"}]}; unknown values are "".
std::string json(const AddressList& list);

}  // namespace cli
