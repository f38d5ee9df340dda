// SPDX-License-Identifier: Apache-2.0
// host-local: allocates addresses from ranges and keeps them in files on this host.

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

// Adds the store's directory to a failed system call, which names only the file. Temporary failures, such as a lock
// timeout, get code 11: the runtime may retry.
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

// ADD: allocates one address from each range set. Keys: config.h. Checks everything before it opens the store.
cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  const cni::Dns dns = config.resolv_conf.empty() ? cni::Dns() : read_resolv_conf(config.resolv_conf);
  return in_store(config.data_dir, request, [&] {
    ipam::Store store = ipam::Store::create(config.data_dir, request.network);
    store.reclaim(ipam::current_boot, [](const ipam::Entry& old) { log_release(old, ", of an earlier boot"); });
    const std::vector<ipam::Allocation> allocations =
        ipam::allocate(store, config.sets, config.requested, holder(request));
    for (const ipam::Allocation& one : allocations) {
      logging::record_action("allocate " + one.address.address.text() + " for " + holder(request).text());
    }
    return describe(config, allocations, dns);
  });
}

// DEL: releases all addresses of the attachment. Ignores the ranges: an invalid range must not keep an address
// allocated.
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

// CHECK: the attachment must have an address.
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
  return {entry.unreadable, std::generic_category(), "its file names no owner"};
}

// GC: releases addresses without a living attachment. An unreadable file stays, and is reported. The directory belongs
// to this network alone.
void gc(const cni::Request& request) {
  const std::string data_dir = parse_data_dir(request);
  const auto alive = request.alive();
  auto store = in_store(data_dir, request, [&] { return ipam::Store::open(data_dir, request.network); });
  if (!store || !alive) return;
  cni::Steps steps;
  in_store(data_dir, request, [&] {
    store->for_each([&](const ipam::Entry& entry) {
      if (entry.unreadable != 0) steps.run("read " + entry.address.text(), [&] { throw unreadable(entry); });
      if (!ipam::is_abandoned(entry, *alive)) return;
      steps.run("release " + entry.address.text(), [&] {
        in_store(data_dir, request, [&] { store->release(entry.address); });
        log_release(entry);
      });
    });
    store->forget_index();  // all files were read just now: this ends a wrong index
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
