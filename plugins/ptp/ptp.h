// The ptp plugin: a veth pair between the container and the host, routed, with no bridge. Keys: config.h.
#pragma once

#include "lib/cni/serve.h"

namespace ptp {

const cni::Plugin& plugin();

}  // namespace ptp
