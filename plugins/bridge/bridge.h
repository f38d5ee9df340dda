// The bridge plugin: a veth pair between the container and a Linux bridge on the host, addresses from IPAM, a gateway and
// masquerading when asked for. Keys: config.h.
#pragma once

#include "lib/cni/serve.h"

namespace bridge {

const cni::Plugin& plugin();

}  // namespace bridge
