// SPDX-License-Identifier: Apache-2.0
// footbridge ipam: list and release host-local's addresses of a network.

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <stdexcept>

#include "cli/cni/conflist.h"
#include "cli/cni/setting.h"
#include "cli/commands.h"
#include "cli/show/address_list.h"
#include "ipam/host-local/config.h"
#include "lib/cni/request.h"
#include "lib/ipam/boot.h"
#include "lib/ipam/exhaustion.h"
#include "lib/ipam/store.h"
#include "lib/os/file.h"

namespace cli {
namespace {

std::string data_dir_of(const IpamOptions& options) {
  return options.data_dir.empty() ? std::string(ipam::kDataDir) : options.data_dir;
}

// The network's name becomes part of a path.
void validate(const std::string& network) {
  if (cni::is_identifier(network)) return;
  throw std::invalid_argument("network \"" + network + "\" is not allowed; allowed: " + kIdentifierRule);
}

void print(const std::string& text) { os::write_all(STDOUT_FILENO, text, "write to stdout"); }
void warn(const std::string& text) { os::write_all(STDERR_FILENO, "footbridge: " + text + "\n", "write to stderr"); }

// In a PID namespace of its own, such as a pod without hostPID, this process may see no other namespaces. If it sees no
// interface of the network except its own, it cannot know whether an address is abandoned. A cluster's node that is
// itself a container sees some.
void distrust_pid_namespace(UsedAddresses& used, const std::vector<ipam::Entry>& entries) {
  const bool sees_some = std::any_of(entries.begin(), entries.end(), [&used](const ipam::Entry& entry) {
    return used.addresses.contains(entry.address) && !used.own.contains(entry.address);
  });
  if (used.sees_all_processes || sees_some) return;
  used.unseen.emplace_back(
      "those of the host: this PID namespace is not the host's and contains no address of the network");
}

// The range sets of the network's configuration, if it is in the folder of configurations.
std::vector<ipam::RangeSet> find_sets(const std::string& name) try {
  const Conflist network = load_conflist(conf_path({}), name);
  for (const PluginConfig& plugin : network.plugins) {
    cni::Request request;
    request.verb = cni::Verb::status;
    request.version = network.version;
    request.config = plugin.config;
    if (request.ipam_type() == "host-local") return host_local::parse_config(request).sets;
  }
  return {};
} catch (const std::exception&) {
  return {};
}

// Reads the store before the interfaces: an ADD that ends meanwhile has its interface.
AddressList observe_list(const std::string& network, const IpamOptions& options) {
  AddressList list{network, ipam::StoreView::directory(data_dir_of(options), network), {}, true};
  const auto store = ipam::StoreView::open(data_dir_of(options), network);
  list.has_store = store.has_value();
  if (!store) return list;
  const std::vector<ipam::RangeSet> sets = find_sets(network);
  for (const ipam::RangeSet* set : ipam::find_exhausted(*store, sets, ipam::current_boot())) {
    list.exhausted.push_back(set->text());
  }
  const std::vector<ipam::Entry> entries = store->entries();
  UsedAddresses used = observe_used_addresses();
  distrust_pid_namespace(used, entries);
  const Now now{std::time(nullptr), ipam::current_boot()};
  for (const ipam::Entry& entry : entries) list.addresses.push_back({entry, state_of(entry, network, used, now)});
  if (!used.unseen.empty()) {
    warn(std::to_string(used.unseen.size()) + " network namespaces cannot be read; the first: " + used.unseen.front());
  }
  return list;
}

std::string line_of(const ListedAddress& one) {
  const bool is_empty = one.state == AddressState::empty;
  return one.entry.address.text() + (is_empty ? "" : " of " + one.entry.owner.text()) + ": " +
         std::string(text(one.state)) + "\n";
}

// The number of addresses. A failure is printed, and the next address is tried.
struct Outcome {
  std::size_t released = 0;
  std::size_t failed = 0;
};

Outcome release(ipam::Store& store, const std::vector<ListedAddress>& dead) {
  Outcome outcome;
  for (const ListedAddress& one : dead) {
    try {
      if (!store.release_unchanged(one.entry)) continue;  // changed meanwhile
      ++outcome.released;
      print("release " + line_of(one));
    } catch (const std::system_error& error) {
      ++outcome.failed;
      warn(error.what());
    }
  }
  return outcome;
}

}  // namespace

int ipam_ls(const std::string& network, const IpamOptions& options) {
  validate(network);
  const AddressList list = observe_list(network, options);
  print(options.as_json ? json(list) : table(list));
  return 0;
}

int ipam_gc(const std::string& network, const IpamOptions& options) {
  validate(network);
  const AddressList list = observe_list(network, options);
  std::vector<ListedAddress> dead;
  for (const ListedAddress& one : list.addresses) {
    if (is_dead(one.state)) dead.push_back(one);
  }
  Outcome outcome;
  if (options.is_dry_run) {
    for (const ListedAddress& one : dead) print("would release " + line_of(one));
  } else if (auto store = dead.empty() ? std::nullopt : ipam::Store::open(data_dir_of(options), network)) {
    outcome = release(*store, dead);
  }
  const std::size_t left = list.addresses.size() - outcome.released;
  print(std::to_string(outcome.released) + " released, " + std::to_string(left) + " left in " + list.directory + "\n");
  return outcome.failed == 0 ? 0 : 1;
}

}  // namespace cli
