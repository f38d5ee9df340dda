#include "ipam/host-local/status.h"

#include <system_error>
#include <vector>

#include "ipam/host-local/config.h"
#include "ipam/host-local/resolv_conf.h"
#include "lib/cni/error.h"
#include "lib/ipam/boot.h"
#include "lib/ipam/exhaustion.h"
#include "lib/ipam/store.h"

namespace host_local {

void status(const cni::Request& request) {
  const Config config = parse_config(request);
  if (!config.resolv_conf.empty()) read_resolv_conf(config.resolv_conf);
  try {
    ipam::Store::require_writable(config.data_dir, request.network);
    const auto store = ipam::StoreView::open(config.data_dir, request.network);
    if (!store) return;  // the first ADD makes it
    const std::vector<const ipam::RangeSet*> exhausted =
        ipam::find_exhausted(*store, config.sets, ipam::current_boot());
    if (!exhausted.empty()) throw cni::Error(cni::kNotAvailable, ipam::exhaustion_text(*store, exhausted));
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable,
                     "address store " + ipam::Store::directory(config.data_dir, request.network) +
                         " cannot be used: " + error.what(),
                     "ipam.dataDir must be a directory that can be written to");
  }
}

}  // namespace host_local
