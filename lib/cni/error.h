// SPDX-License-Identifier: Apache-2.0
// The error object of the CNI specification (SPEC.md, "Error"), thrown by whatever notices and printed by serve() alone.
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

namespace cni {

// Codes of the specification; 100 and above are Footbridge's own and are listed in docs/errors.md.
enum Code : std::uint32_t {
  kUnknown = 0,  // a delegated plugin failed without saying how
  kIncompatibleVersion = 1,
  kUnsupportedField = 2,
  kUnknownContainer = 3,
  kBadEnvironment = 4,
  kInputOutput = 5,
  kNotJson = 6,
  kBadConfiguration = 7,
  kBadNetns = 8,
  kTryAgain = 11,
  kNotAvailable = 50,
  kLimitedConnectivity = 51,
  kDiffers = 100,    // CHECK found something other than what ADD made
  kPortTaken = 101,  // a host port is published by somebody else
  kInternal = 999,   // a failed system call, and all else
};

class Error : public std::runtime_error {
 public:
  Error(std::uint32_t code, const std::string& msg, std::string details = {})
      : std::runtime_error(msg), code_(code), details_(std::move(details)) {}

  [[nodiscard]] std::uint32_t code() const { return code_; }
  [[nodiscard]] std::string msg() const { return what(); }
  [[nodiscard]] const std::string& details() const { return details_; }

 private:
  std::uint32_t code_;
  std::string details_;
};

// May that failure of a system call pass by itself: EAGAIN, EINTR, ETIMEDOUT?
bool may_pass(const std::system_error& error);

// Any exception as the error that is told: one of ours as it is, what may pass as code 11, what the kernel was built
// without (EPROTONOSUPPORT) as 50, all else as 999.
Error as_error(const std::exception& error);

}  // namespace cni
