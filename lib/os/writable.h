// SPDX-License-Identifier: Apache-2.0
// Checks whether a file could be created in a directory, without creating one.
#pragma once

#include <string>

namespace os {

// Throws the std::system_error with which creating the directory (as make_directories() does) or a file in it would
// fail, as far as that is predictable: EROFS, EACCES, ENOTDIR, ENOSPC ... Leaves nothing behind.
void require_writable(const std::string& directory);

}  // namespace os
