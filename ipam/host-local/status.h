// SPDX-License-Identifier: Apache-2.0
// STATUS: can the next ADD allocate its addresses?
#pragma once

#include "lib/cni/request.h"

namespace host_local {

// Throws cni::Error: code 7 for a configuration that ADD would reject, 50 if the store is not writable or its disk is
// full. Warns about exhausted range sets, with numbers. Changes nothing, takes no lock, and usually reads no file of
// the store, because runtimes call it every few seconds.
void status(const cni::Request& request);

}  // namespace host_local
