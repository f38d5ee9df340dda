// SPDX-License-Identifier: Apache-2.0
// System calls of x86-64: names, and the plausible errors of each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faults {

// A system call at its entry.
struct SystemCall {
  long number = -1;
  std::array<std::uint64_t, 6> arguments{};
};

// "sendto"; "call999" for a call that is not in the table.
std::string name_of(long number);

// The errors, from the man page or the kernel's source, that a correct program can get on a machine in trouble. None
// for calls that cannot fail as plugins make them (close-on-exec flags, signal actions, process IDs).
std::vector<int> errors_of(const SystemCall& call);

// Does the call do its work even if it returns an error? See close(2), "Dealing with error returns from close()".
bool is_done_despite_error(long number);

// "ENOMEM", and the reverse; 0 for an unknown name.
std::string error_name(int error);
int parse_error_name(std::string_view name);

}  // namespace faults
