// host-local: addresses out of ranges, remembered in files on this host.
#pragma once

#include "lib/cni/serve.h"

namespace host_local {

const cni::Plugin& plugin();

}  // namespace host_local
