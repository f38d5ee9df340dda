// SPDX-License-Identifier: Apache-2.0
// The key "masquerade", an extension of "ipMasq".
#pragma once

#include "lib/cni/fields.h"
#include "lib/masquerade/plan.h"

namespace masquerade {

// {"exclude": ["10.0.0.0/8"], "ipv4": true, "ipv6": false, "source": "192.0.2.7", "randomFully": true}, each optional:
// destinations that are not masqueraded; families; a source address instead of the outgoing link's (or a list with one
// per family); random source ports. The key is Footbridge's own, so an unknown key in it is an error, and so is the key
// without ipMasq. Throws cni::Error code 7.
Options parse_options(const cni::Fields& fields);

}  // namespace masquerade
