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
    if (!store) return;  // the first ADD makes it
    const std::vector<const ipam::RangeSet*> exhausted =
        ipam::find_exhausted(*store, config.sets, ipam::current_boot());
    // A failure would not allocate an address, and a kubelet would evict the pods that have one: the next ADD fails alone.
    if (!exhausted.empty()) logging::warn(ipam::exhaustion_text(*store, exhausted));
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable,
                     "address store " + ipam::Store::directory(config.data_dir, request.network) +
                         " cannot be used: " + error.what(),
                     "ipam.dataDir must be a directory that can be written to");
  }
}

}  // namespace host_local
