// The portmap plugin: ports of the host that lead to the container. Chained after the plugin that gave it its addresses.
// Keys: config.h.
#pragma once

#include "lib/cni/serve.h"

namespace portmap {

const cni::Plugin& plugin();

}  // namespace portmap
