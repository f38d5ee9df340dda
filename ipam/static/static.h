// static: the addresses that the configuration or the caller names, remembered nowhere. ("static" is a word of C++, so the
// namespace is another.)
#pragma once

#include "lib/cni/serve.h"

namespace static_addresses {

const cni::Plugin& plugin();

}  // namespace static_addresses
