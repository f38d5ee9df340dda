// SPDX-License-Identifier: Apache-2.0
// Could a file be created in a directory? Asked without creating one.
#pragma once

#include <string>

namespace os {

// Throws the std::system_error that making the directory (as make_directories() does, where it is absent) and a file in it
// would end in, as far as that can be known without doing it: EROFS, EACCES, ENOTDIR, ENOSPC ... Leaves nothing behind.
void require_writable(const std::string& directory);

}  // namespace os
