// SPDX-License-Identifier: Apache-2.0
// The process and the time of a wait, for error messages. Never throws, because it is used while reporting an error.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace os {

// "process 1234 (bridge)"; "process 1234, which has ended" (its child may keep the resource); "a process that is not
// visible from here" if the kernel does not name it (pid 0 or -1), as for another pid namespace.
std::string process_text(pid_t pid) noexcept;

// The process that took the flock(2) on an open file, from /proc/locks (proc(5)); 0 if that is unknown.
pid_t flock_holder(int fd) noexcept;

// "30 s", "250 ms".
std::string duration_text(std::chrono::milliseconds time);

}  // namespace os
