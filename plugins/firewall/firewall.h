// The firewall plugin: the container's traffic past the host's firewalls, and networks from each other. Chained after the plugin
// that gave the container its addresses. Keys: config.h.
#pragma once

#include "lib/cni/serve.h"

namespace firewall {

const cni::Plugin& plugin();

}  // namespace firewall
