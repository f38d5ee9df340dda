#include "ipam/host-local/host_local.h"

#include <system_error>

#include "ipam/host-local/config.h"
#include "ipam/host-local/resolv_conf.h"
#include "lib/ipam/allocator.h"
#include "lib/ipam/store.h"

namespace host_local {
namespace {

ipam::Holder holder(const cni::Request& request) { return {request.container_id, request.ifname}; }

// A failed system call names the file; the operator needs its directory too.
cni::Error with_directory(const std::string& directory, const std::system_error& error) {
  return {cni::kInternal, "address store " + directory + ": " + error.what()};
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
  try {
    ipam::Store store = ipam::Store::create(config.data_dir, request.network);
    return describe(config, ipam::allocate(store, config.sets, config.requested, holder(request)), dns);
  } catch (const std::system_error& error) {
    throw with_directory(ipam::Store::directory(config.data_dir, request.network), error);
  }
}

// DEL: everything that the attachment has.  No range is looked at: one that has become invalid must not keep an address.
void del(const cni::Request& request) {
  const std::string data_dir = parse_data_dir(request);
  try {
    auto store = ipam::Store::open(data_dir, request.network);
    if (store) store->release_all(holder(request));
  } catch (const std::system_error& error) {
    throw with_directory(ipam::Store::directory(data_dir, request.network), error);
  }
}

// CHECK: the attachment has an address.
void check(const cni::Request& request) {
  const std::string data_dir = parse_data_dir(request);
  const std::string directory = ipam::Store::directory(data_dir, request.network);
  try {
    const auto store = ipam::Store::open(data_dir, request.network);
    if (store && !store->held_by(holder(request)).empty()) return;
  } catch (const std::system_error& error) {
    throw with_directory(directory, error);
  }
  throw cni::Error(cni::kDiffers, "host-local: Failed to find address added by container " + request.container_id,
                   "no file in " + directory + " names it with interface " + request.ifname);
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin plugin = [] {
    cni::Plugin made;
    made.name = "host-local";
    made.add = add;
    made.del = del;
    made.check = check;
    return made;
  }();
  return plugin;
}

}  // namespace host_local
