// SPDX-License-Identifier: Apache-2.0
// The addresses of a network's store, whether they are in use, and how that is told. No system calls here.
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
  in_use,        // an interface has it, or the container's host end is there
  earlier_boot,  // allocated before this machine was booted
  no_interface,  // no interface has it
  young,         // the same, allocated within the last minute: an ADD may be at work
  unknown,       // the same, but not every namespace could be looked into
  empty,         // an empty file
  foreign,       // no file of ours
};

struct ListedAddress {
  ipam::Entry entry;
  AddressState state = AddressState::unknown;
};

struct AddressList {
  std::string network;
  std::string directory;
  std::vector<ListedAddress> addresses;
  bool has_store = true;                    // is there such a directory?
  std::vector<std::string> exhausted = {};  // range sets of the network's configuration without a free address
};

struct Now {
  std::time_t time = 0;
  std::string boot;
};

AddressState state_of(const ipam::Entry& entry, const std::string& network, const UsedAddresses& used, const Now& now);

// Is it certain that nobody has it?
bool is_dead(AddressState state);

std::string_view text(AddressState state);

// A heading and an aligned line for each address.
std::string table(const AddressList& list);

// {"network", "directory", "exhausted": ["10.1.0.1-10.1.0.6"],
//  "addresses": [{"address", "containerID", "ifname", "since", "state"}]}; unknown values are "".
std::string json(const AddressList& list);

}  // namespace cli
