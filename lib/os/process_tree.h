// SPDX-License-Identifier: Apache-2.0
// Killing a process with all its descendants.
#pragma once

#include <sys/types.h>

namespace os {

// Does /proc show our pid namespace? A process in its own pid namespace may see another one's /proc, whose pids mean
// other processes.
bool has_own_proc() noexcept;

// Kills (SIGKILL) the process and its descendants: a killed shell script would leave the program behind that it runs.
// The descendants come from /proc/<pid>/task/<tid>/children (proc(5)); kernels without it show none. A process whose
// parent has already ended has init as its parent and is not found.
//
// It is not a process group: its own group would not get the terminal's Ctrl-C, with which operators stop a plugin.
void kill_tree(pid_t root) noexcept;

}  // namespace os
