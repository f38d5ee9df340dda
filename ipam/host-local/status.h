// SPDX-License-Identifier: Apache-2.0
// STATUS: would the next ADD get its addresses?
#pragma once

#include "lib/cni/request.h"

namespace host_local {

// Throws cni::Error: code 7 for a configuration that ADD would reject too, 50 if the store cannot be written to or its disk is
// full. Exhausted range sets are a warning with their numbers. Changes nothing, takes no lock, and usually reads no file of the
// store, because runtimes ask every few seconds.
void status(const cni::Request& request);

}  // namespace host_local
