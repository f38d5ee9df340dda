// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/error.h"

#include <cerrno>
#include <new>

namespace cni {

bool may_pass(const std::system_error& error) {
  const int code = error.code().value();
  return code == EAGAIN || code == EINTR || code == ETIMEDOUT;
}

Error as_error(const std::exception& error) {
  if (const auto* ours = dynamic_cast<const Error*>(&error)) return *ours;
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return {kInternal, "not enough memory",
            "a limit of this process (ulimit -v, setrlimit(2) RLIMIT_AS) or of the machine"};
  }
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  if (system != nullptr && may_pass(*system)) return {kTryAgain, error.what()};
  const bool is_unknown_to_kernel = system != nullptr && system->code().value() == EPROTONOSUPPORT;
  return {is_unknown_to_kernel ? kNotAvailable : kInternal, error.what()};
}

}  // namespace cni
