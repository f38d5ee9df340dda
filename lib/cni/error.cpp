#include "lib/cni/error.h"

#include <cerrno>

namespace cni {

bool may_pass(const std::system_error& error) {
  const int code = error.code().value();
  return code == EAGAIN || code == EINTR || code == ETIMEDOUT;
}

Error as_error(const std::exception& error) {
  if (const auto* ours = dynamic_cast<const Error*>(&error)) return *ours;
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  return {system != nullptr && may_pass(*system) ? kTryAgain : kInternal, error.what()};
}

}  // namespace cni
