// SPDX-License-Identifier: Apache-2.0
// Router advertisements on the host's links, which the kernel ignores on a link that forwards (ip-sysctl.rst, accept_ra).
#pragma once

namespace plan {

// To be called before IPv6 forwarding is turned on for the host. Sets accept_ra = 2 on each link that takes advertisements, so
// that the host keeps the default route and the addresses that they brought. If a link cannot be set, logs a warning. Links that
// are created later are not changed.
void keep_router_advertisements();

}  // namespace plan
