// SPDX-License-Identifier: Apache-2.0
// System calls of x86-64 by name, and what each may plausibly fail with.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faults {

// A call as it is entered: its number and arguments.
struct SystemCall {
  long number = -1;
  std::array<std::uint64_t, 6> arguments{};
};

// "sendto"; "call 999" for one that the table below does not have.
std::string name_of(long number);

// The errors that the man page of the call, or the kernel's source, knows and that a healthy program on a troubled machine
// may meet. None for calls that cannot fail as they are made here (close-on-exec flags, signal actions, the process's ids).
std::vector<int> errors_of(const SystemCall& call);

// close(2) and its like: the work is done, whatever they tell (close(2), "Dealing with error returns from close()").
bool is_done_nevertheless(long number);

// "ENOMEM", and back: 0 for a word that is none.
std::string error_name(int error);
int parse_error_name(std::string_view name);

}  // namespace faults
