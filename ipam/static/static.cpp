// SPDX-License-Identifier: Apache-2.0
// static: returns the addresses of the configuration or the caller, and stores nothing. ("static" is a keyword of C++,
// so the namespace is static_.)

#include "ipam/static/config.h"
#include "lib/cni/capability.h"
#include "lib/cni/error.h"
#include "lib/cni/result.h"
#include "lib/cni/serve.h"

namespace static_ {
namespace {

// ADD: returns the addresses. Keys: config.h.
cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  cni::Result result;
  for (const Address& one : config.addresses) result.ips.push_back({one.address, one.gateway, std::nullopt});
  result.routes = config.routes;
  result.dns = config.dns;
  return result;
}

void compare(const Address& wanted, const cni::Ip& found, const std::string& ifname) {
  if (found.address.address != wanted.address.address || !wanted.gateway || found.gateway == wanted.gateway) return;
  throw cni::Error(cni::kDiffers,
                   "static: Failed to match addr " + wanted.address.address.text() + " on interface " + ifname,
                   "its gateway is " + wanted.gateway->text() + " in the configuration and " +
                       (found.gateway ? found.gateway->text() : "missing") + " in prevResult");
}

// CHECK: an address that is also in prevResult must have the same gateway there. An address that is missing there is
// no error, as in the reference: the interface's own plugin compares addresses.
void check(const cni::Request& request) {
  const Config config = parse_config(request);
  const auto previous = request.previous_result();
  if (!previous) throw cni::Error(cni::kBadConfiguration, "Required prevResult missing");
  for (const Address& wanted : config.addresses) {
    for (const cni::Ip& found : previous->ips) compare(wanted, found, request.ifname);
  }
}

// STATUS: would ADD accept the configuration and find an address? Runtimes that call STATUS send no addresses in
// CNI_ARGS.
void status(const cni::Request& request) {
  if (!parse_config(request).addresses.empty() || cni::declares(request.config, "ips")) return;
  throw cni::Error(cni::kBadConfiguration, "no IP addresses specified",
                   "ipam.addresses must list addresses, or \"capabilities\" must have \"ips\": true");
}

}  // namespace

// DEL and GC have nothing to release, and succeed with any configuration.
const cni::Plugin& plugin() {
  static const cni::Plugin plugin = [] {
    cni::Plugin made;
    made.name = "static";
    made.add = add;
    made.check = check;
    made.status = status;
    made.check_configuration = parse_config;
    return made;
  }();
  return plugin;
}

}  // namespace static_
