// SPDX-License-Identifier: Apache-2.0
// Closing a netfilter socket at a quiet moment.
//
// What a transaction removes from nf_tables is freed some grace periods (RCU) later, by a worker of the kernel's. Whoever
// closes a netfilter socket before that, whichever process removed it, waits for the worker, 10 to 40 ms, and keeps all
// transactions of the namespace from being committed meanwhile (nf_tables_api.c, nft_rcv_nl_event: flush_work with the commit
// mutex held). So a call that has removed something does not close its socket: a child process keeps it (os::Detached) until
// nothing was handed to it for a while, and other calls that end meanwhile hand it theirs. Killing it does no harm.
#pragma once

#include "lib/netlink/socket.h"

namespace netlink {

// Takes the socket over: hands it to the child that is there; makes one, where there is none and this socket removed
// something; closes it else, and where neither can be done. In the network namespace that the thread is in.
void close_in_quiet(Socket socket, bool has_removed) noexcept;

}  // namespace netlink
