// SPDX-License-Identifier: Apache-2.0
// The key "masquerade", which stands beside "ipMasq".
#pragma once

#include "lib/cni/fields.h"
#include "lib/masquerade/plan.h"

namespace masquerade {

// {"exclude": ["10.0.0.0/8"], "ipv4": true, "ipv6": false, "source": "192.0.2.7", "randomFully": true}, all of them optional:
// destinations that stay as they are, families, an address instead of the outgoing link's (or a list with one of each
// family), ports chosen at random. An extension of ours, so that an unknown key in it is an error, as is the whole without
// ipMasq. Throws cni::Error code 7.
Options parse_options(const cni::Fields& fields);

}  // namespace masquerade
