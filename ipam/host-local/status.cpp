// SPDX-License-Identifier: Apache-2.0
#include "ipam/host-local/status.h"

#include <system_error>
#include <vector>

#include "ipam/host-local/config.h"
#include "ipam/host-local/resolv_conf.h"
#include "lib/cni/error.h"
#include "lib/ipam/boot.h"
#include "lib/ipam/exhaustion.h"
#include "lib/ipam/store.h"
#include "lib/log/log.h"

namespace host_local {

void status(const cni::Request& request) {
  const Config config = parse_config(request);
  if (!config.resolv_conf.empty()) read_resolv_conf(config.resolv_conf);
  for (const ipam::RangeSet& set : config.sets) {
    if (set.size() != 0) continue;
    throw cni::Error(cni::kNotAvailable,
                     "no IP addresses available in range set: " + set.text() + ": its only address is the gateway's");
  }
  try {
    ipam::Store::require_writable(config.data_dir, request.network);
    const auto store = ipam::StoreView::open(config.data_dir, request.network);
    if (!store) return;  // the first ADD creates it
    const std::vector<const ipam::RangeSet*> exhausted =
        ipam::find_exhausted(*store, config.sets, ipam::current_boot());
    // Not an error: a failed STATUS would make the kubelet evict pods that have their address. Only the next ADD
    // fails.
    if (!exhausted.empty()) logging::warn(ipam::exhaustion_text(*store, exhausted));
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable,
                     "address store " + ipam::Store::directory(config.data_dir, request.network) +
                         " cannot be used: " + error.what(),
                     "ipam.dataDir must be a writable directory");
  }
}

}  // namespace host_local
