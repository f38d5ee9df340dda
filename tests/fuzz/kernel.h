// SPDX-License-Identifier: Apache-2.0
// A kernel that says what the fuzzer wants: kernel.cpp has libmnl's functions for sockets in its own version, which the linker
// prefers to those of the shared library, and recvmsg(2) (ld's --wrap). What is behind them, the messages, is libmnl's.
//
// Input of one answer: its control byte (see below), the index of the request that it answers (a byte), then type, flags and
// size (two bytes each, low byte first) and the payload. When the input is at its end, every call fails.
#pragma once

#include "tests/fuzz/input.h"

namespace fuzz {

// Bits of the control byte.
constexpr unsigned kMore = 1U;     // another message follows in the same datagram
constexpr unsigned kLies = 2U;     // a byte follows: its distance from 128 is added to the length in the header
constexpr unsigned kForeign = 4U;  // it answers nothing that was asked

// Answers with what is left of the input, which must live as long. poisons: AddressSanitizer tells who looks behind the end of
// a datagram. (libnftnl does, for the NUL of a text: it relies on the kernel.)
class Kernel {
 public:
  Kernel(Input& input, bool poisons);
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel();
};

}  // namespace fuzz
