// SPDX-License-Identifier: Apache-2.0
// A kernel whose replies come from the fuzzer's input: kernel.cpp defines libmnl's socket functions, which the linker
// prefers to those of the shared library, and recvmsg(2) (ld's --wrap). libmnl still parses the messages.
//
// Input of one reply: its control byte (see below), the index of its request (a byte), then type, flags and size (two
// bytes each, low byte first) and the payload. At the end of the input, every call fails.
#pragma once

#include "tests/fuzz/input.h"

namespace fuzz {

// Bits of the control byte.
constexpr unsigned kMore = 1U;         // another message follows in the same datagram
constexpr unsigned kWrongLength = 2U;  // a byte follows: its distance from 128 is added to the length in the header
constexpr unsigned kForeign = 4U;      // it is not a reply to any request

// Replies with the rest of the input, which must outlive this object. poisons: AddressSanitizer reports reads after the
// end of a datagram. (libnftnl does that for the NUL of a text, because it trusts the kernel.)
class Kernel {
 public:
  Kernel(Input& input, bool poisons);
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel();
};

}  // namespace fuzz
