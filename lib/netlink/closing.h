// SPDX-License-Identifier: Apache-2.0
// Closing a netfilter socket when the kernel is quiet.
//
// Objects that a transaction deletes from nf_tables are freed by a kernel worker some grace periods (RCU) later. If any
// process closes a netfilter socket before that, it waits 10 to 40 ms for the worker, and blocks all transactions of
// the namespace meanwhile (nf_tables_api.c, nft_rcv_nl_event: flush_work with the commit mutex held). Therefore a call
// that has deleted something does not close its socket. A child process (os::Detached) keeps it until no other call has
// passed it a socket for a while. Killing the child does no harm.
#pragma once

#include "lib/netlink/socket.h"

namespace netlink {

// Takes ownership of the socket. Passes it to the running child; starts one if there is none and this socket deleted
// something; closes it otherwise, or if both fail. Acts in the thread's network namespace.
void close_deferred(Socket socket, bool has_removed) noexcept;

}  // namespace netlink
