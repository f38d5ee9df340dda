// A kernel that says what the fuzzer wants: kernel.cpp has libmnl's functions for sockets in its own version, which the linker
// prefers to those of the shared library. What is behind them, the parsing of messages, is libmnl's.
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

// What the next answers are taken from; it must live as long as it is asked.
void answer_from(Input& input);

}  // namespace fuzz
