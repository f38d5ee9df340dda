// STATUS: would the next ADD get its addresses?
#pragma once

#include "lib/cni/request.h"

namespace host_local {

// Throws cni::Error: code 7 for a configuration that ADD would refuse too, 50 when the store cannot be written to or is full. Exhausted
// range sets are a warning, each one with its numbers. Changes nothing, takes no lock, and in the ordinary case reads no
// file of the store: runtimes ask every few seconds.
void status(const cni::Request& request);

}  // namespace host_local
