// SPDX-License-Identifier: Apache-2.0
// Directories that only trusted users can modify, so other users cannot plant files there.
//
// Root and our effective user are trusted. A directory is trusted if its owner is, and it is not writable by others. A
// group may write: a trusted owner has allowed that. Its parent must be trusted as well, or be like /tmp: writable by
// all, with the sticky bit.
//
// Symbolic links in the path are followed if an administrator has set them: the link and its directory belong to root
// or us, and others cannot write to that directory. Anything else throws std::system_error (EPERM), which names the
// path, its owner and what is required. Nothing has been followed, created or changed then.
//
// In a user namespace, links and parent directories may also belong to the host's users (user_namespaces(7): the
// overflow user id).
#pragma once

#include <sys/types.h>

#include <string>

#include "lib/os/fd.h"

namespace os {

// Opens it for reading its entries. Also throws ENOENT, ENOTDIR ... "open <path>: ...".
Fd open_trusted_directory(const std::string& path);

// The same, and creates missing parts, each in a trusted directory. The mode is before umask.
Fd make_trusted_directory(const std::string& path, mode_t mode);

// Throws what make_trusted_directory() would throw. Creates nothing.
void require_trusted_directory(const std::string& path);

}  // namespace os
