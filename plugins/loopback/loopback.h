// The loopback plugin: brings up `lo` in the container. Keys: none of its own.
#pragma once

#include "lib/cni/serve.h"

namespace loopback {

const cni::Plugin& plugin();

}  // namespace loopback
