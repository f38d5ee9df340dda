// SPDX-License-Identifier: Apache-2.0
// host-local: addresses out of ranges, remembered in files on this host.

#include <system_error>

#include "ipam/host-local/config.h"
#include "ipam/host-local/resolv_conf.h"
#include "ipam/host-local/status.h"
#include "lib/cni/serve.h"
#include "lib/cni/steps.h"
#include "lib/ipam/allocator.h"
#include "lib/ipam/boot.h"
#include "lib/ipam/store.h"
#include "lib/log/log.h"

namespace host_local {
namespace {

ipam::Holder holder(const cni::Request& request) { return {request.container_id, request.ifname}; }

// A failed system call names the file; the operator needs its directory too. What may pass, as a lock that was not free in time,
// is worth another try (code 11).
template <typename Work>
auto in_store(const std::string& data_dir, const cni::Request& request, const Work& work) {
  try {
    return work();
  } catch (const std::system_error& error) {
    throw cni::Error(cni::may_pass(error) ? cni::kTryAgain : cni::kInternal,
                     "address store " + ipam::Store::directory(data_dir, request.network) + ": " + error.what());
  }
}

void log_release(const ipam::Entry& entry, const std::string& why = "") {
  const bool is_empty = entry.kind == ipam::Entry::Kind::empty;
  logging::record_action("release " + entry.address.text() +
                         (is_empty ? ", an empty file" : " of " + entry.holder.text()) + why);
}

cni::Result describe(const Config& config, const std::vector<ipam::Allocation>& allocations, cni::Dns dns) {
  cni::Result result;
  for (const ipam::Allocation& one : allocations) result.ips.push_back({one.address, one.gateway, std::nullopt});
  result.routes = config.routes;
  result.dns = std::move(dns);
  return result;
}

// ADD: one address from each range set.  Keys: config.h.  Everything is checked before the store is opened.
cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Dns dns = config.resolv_conf.empty() ? cni::Dns() : read_resolv_conf(config.resolv_conf);
  return in_store(config.data_dir, request, [&] {
    ipam::Store store = ipam::Store::create(config.data_dir, request.network);
    store.reclaim(ipam::current_boot, [](const ipam::Entry& old) { log_release(old, ", of an earlier boot"); });
    const std::vector<ipam::Allocation> allocations =
        ipam::allocate(store, config.sets, config.requested, holder(request));
    for (const ipam::Allocation& one : allocations) {
      logging::record_action("take " + one.address.address.text() + " for " + holder(request).text());
    }
    return describe(config, allocations, dns);
  });
}

// DEL: everything that the attachment has.  No range is looked at: one that has become invalid must not keep an address.
void del(const cni::Request& request) {
  const std::string data_dir = parse_data_dir(request);
  in_store(data_dir, request, [&] {
    auto store = ipam::Store::open(data_dir, request.network);
    if (!store) return;
    for (const net::Address& address : store->release_all(holder(request))) {
      logging::record_action("release " + address.text() + " of " + holder(request).text());
    }
  });
}

// CHECK: the attachment has an address.
void check(const cni::Request& request) {
  parse_ipam(request);
  const std::string data_dir = parse_data_dir(request);
  const bool has_address = in_store(data_dir, request, [&] {
    auto store = ipam::Store::open(data_dir, request.network);
    return store && !store->held_by(holder(request)).empty();
  });
  if (has_address) return;
  throw cni::Error(
      cni::kDiffers, "host-local: Failed to find address added by container " + request.container_id,
      "no file in " + ipam::Store::directory(data_dir, request.network) + " names it with interface " + request.ifname);
}

std::system_error unreadable(const ipam::Entry& entry) {
  return {entry.unreadable, std::generic_category(), "its file does not tell whose it is"};
}

// GC: what no living attachment has; an address of which nobody can say whose it is stays, and is told.  The directory is the network's own, so another network's addresses are not in it.
void gc(const cni::Request& request) {
  const std::string data_dir = parse_data_dir(request);
  const auto alive = request.alive();
  auto store = in_store(data_dir, request, [&] { return ipam::Store::open(data_dir, request.network); });
  if (!store || !alive) return;
  cni::Steps steps;
  in_store(data_dir, request, [&] {
    store->for_each([&](const ipam::Entry& entry) {
      if (entry.unreadable != 0) steps.run("look at " + entry.address.text(), [&] { throw unreadable(entry); });
      if (!ipam::is_abandoned(entry, *alive)) return;
      steps.run("release " + entry.address.text(), [&] {
        in_store(data_dir, request, [&] { store->release(entry.address); });
        log_release(entry);
      });
    });
    store->forget_index();  // everything has just been read: an index that was wrong ends here
  });
  steps.finish();
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin plugin = [] {
    cni::Plugin made;
    made.name = "host-local";
    made.add = add;
    made.del = del;
    made.check = check;
    made.status = status;
    made.check_configuration = parse_config;
    made.gc = gc;
    return made;
  }();
  return plugin;
}

}  // namespace host_local
