// SPDX-License-Identifier: Apache-2.0
// Who keeps us waiting and for how long, for the error that says so. Never throws: an error message is no place to fail in.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace os {

// "process 1234 (bridge)"; "process 1234, which has ended" (a child that it left may keep what it had); "a process that cannot
// be seen from here" for one that the kernel does not name, as it is with those of another pid namespace (pid 0 or -1).
std::string process_text(pid_t pid) noexcept;

// Who has the flock(2) on an open file, by /proc/locks (proc(5)); 0 when that is not to be known. The number is of the one who
// took the lock.
pid_t flock_holder(int fd) noexcept;

// "30 s", "250 ms".
std::string duration_text(std::chrono::milliseconds time);

}  // namespace os
