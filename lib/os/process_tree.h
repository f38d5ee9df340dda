// SPDX-License-Identifier: Apache-2.0
// A process with all that it has started.
#pragma once

#include <sys/types.h>

namespace os {

// Does /proc tell of the processes that we see? In a pid namespace of its own a process may have another one's /proc mounted, by
// whose numbers strangers would be meant.
bool has_own_proc() noexcept;

// Kills (SIGKILL) the process and its descendants, as far as /proc tells them (/proc/<pid>/task/<tid>/children, proc(5); kernels
// without it tell none): a shell script that is killed alone would leave the program behind that it was waiting for. What was
// started by one that has ended by now has init for a parent and is not found.
//
// It is no process group, because a group of its own would not hear the terminal's Ctrl-C, by which operators end a plugin.
void kill_tree(pid_t root) noexcept;

}  // namespace os
