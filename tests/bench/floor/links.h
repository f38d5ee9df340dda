// SPDX-License-Identifier: Apache-2.0
// The floor's work on links, addresses and routes (rtnetlink(7)).
#pragma once

#include "tests/bench/floor/attachment.h"

namespace bench {

// Creates the veth pair as a port of the bridge; `netns` is the container's.
void create_pair(int socket, const FloorAttachment& attachment, int netns);

// Creates the link of kind macvlan or ipvlan in the container.
void create_on_parent(int socket, const FloorAttachment& attachment, int netns);

// In the container: sets addresses, up and default routes.
void configure_container(int socket, const FloorAttachment& attachment);

// RTM_DELLINK. The kernel replies when the teardown is complete, tens of milliseconds after the link disappears.
void delete_link(int socket, const FloorAttachment& attachment);

// A socket that receives link messages, and the wait on it for the link's deletion. false: messages were lost.
int listen_to_links();
bool wait_for_deletion(int listener, const FloorAttachment& attachment);

}  // namespace bench
