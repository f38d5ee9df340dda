// The tuning plugin: sysctls of a container's network namespace, and attributes of its interface. Comes after the plugin that
// made the interface.
//
// Keys: config.h. ADD writes down what the interface was like (backup.h), and DEL brings it back; sysctls stay as they are.
#pragma once

#include "lib/cni/serve.h"

namespace tuning {

const cni::Plugin& plugin();

}  // namespace tuning
