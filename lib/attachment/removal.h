// DEL and GC, the same for every plugin that connects a container by a veth pair: masquerading, the pair, and the address
// last, so that it is not given away while it is still in use.
#pragma once

#include "lib/cni/request.h"

namespace attachment {

// DEL, by the owner's name alone: needs no namespace, no prevResult, no valid configuration; tries every step and tells all
// failures at the end.
void remove(const cni::Request& request);

// GC: everything of the network's attachments that are not alive, IPAM's part included. Leaves an ADD that is at work alone.
void collect(const cni::Request& request);

// An ADD of this attachment was killed, and nobody sent the DEL that would have told its IPAM plugin. Never throws.
void release_leftover(const cni::Request& request);

}  // namespace attachment
