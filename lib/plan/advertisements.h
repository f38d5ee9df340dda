// Router advertisements on the host's links, which the kernel ignores on a link that forwards (ip-sysctl.rst, accept_ra).
#pragma once

namespace plan {

// Call it before IPv6 forwarding is turned on for the host: every link that takes advertisements goes on taking them, by accept_ra = 2.
// Otherwise the host would lose its default route and its addresses that came by them. A link that cannot be set is a warning. A link
// that comes later has its own setting.
void keep_router_advertisements();

}  // namespace plan
