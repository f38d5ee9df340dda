// SPDX-License-Identifier: Apache-2.0
// The floor's work on links, addresses and routes (rtnetlink(7)).
#pragma once

#include "tests/bench/floor/attachment.h"

namespace bench {

// The veth pair with its port on the bridge; `netns` is the container's.
void make_pair(int socket, const FloorAttachment& attachment, int netns);

// Inside the container: addresses, up, default routes.
void configure_container(int socket, const FloorAttachment& attachment);

// RTM_DELLINK; the kernel answers when all is torn down, tens of milliseconds after the link has gone from sight.
void delete_pair(int socket, const FloorAttachment& attachment);

// A socket that hears of links, and the wait for the host end's end on it. false: too much was going on to tell.
int listen_to_links();
bool hear_of_deletion(int listener, const FloorAttachment& attachment);

}  // namespace bench
