// SPDX-License-Identifier: Apache-2.0
// Router advertisements on the host's links, which the kernel ignores on a link that forwards (ip-sysctl.rst,
// accept_ra).
#pragma once

namespace plan {

// Call this before enabling IPv6 forwarding on the host. It sets accept_ra = 2 on each link that accepts
// advertisements, so that the host keeps the default route and addresses from them. Logs a warning if a link cannot be
// set. Links created later are not changed.
void keep_router_advertisements();

}  // namespace plan
