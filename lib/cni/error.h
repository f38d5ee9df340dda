// SPDX-License-Identifier: Apache-2.0
// The error object of the CNI specification (SPEC.md, "Error"). Any code may throw it; only serve() prints it.
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

namespace cni {

// Codes of the specification; 100 and above are Footbridge's own and are listed in docs/errors.md.
enum Code : std::uint32_t {
  kUnknown = 0,  // a delegated plugin failed without an error object
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
  kDiffers = 100,    // CHECK found a difference from what ADD created
  kPortTaken = 101,  // a host port is already published
  kInternal = 999,   // a failed system call, and everything else
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

// Is the failure temporary: EAGAIN, EINTR, ETIMEDOUT?
bool may_pass(const std::system_error& error);

// Any exception as an error object: a cni::Error as it is, a temporary failure as code 11, a feature that the kernel
// lacks (EPROTONOSUPPORT) as 50, all others as 999.
Error as_error(const std::exception& error);

}  // namespace cni
