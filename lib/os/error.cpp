// SPDX-License-Identifier: Apache-2.0
#include "lib/os/error.h"

#include <cerrno>

namespace os {

std::string error_text(int error) { return std::generic_category().message(error); }

std::system_error error(int error, std::string_view what) {
  return {error, std::generic_category(), std::string(what)};
}

std::system_error last_error(std::string_view what) { return error(errno, what); }

}  // namespace os
