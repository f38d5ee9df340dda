// SPDX-License-Identifier: Apache-2.0
// Directories that nobody can change whom we do not trust: what we find there by name was not put there against us.
//
// Trusted are root and the user who we are (effective user id). A directory is trusted when it belongs to one of them and not
// all may write to it; a group may, which the owner has given that right. The directory that it is in must be so too, but may be
// like /tmp, where everybody can write and nobody can take away what is another's (sticky bit).
//
// Symbolic links on the way are followed where an administrator has set them: they belong to root or to us, and so does the
// directory that they are in, to which nobody else can write. All else is refused with std::system_error (EPERM) that names
// the path, its owner and what would be right, and then nothing has been followed, made or changed.
//
// In a user namespace the links and directories above may also be the host's (user_namespaces(7): the overflow user id).
#pragma once

#include <sys/types.h>

#include <string>

#include "lib/os/fd.h"

namespace os {

// For reading its entries. Throws also ENOENT, ENOTDIR ... "open <path>: ...".
Fd open_trusted_directory(const std::string& path);

// The same; what is missing of it is made, each part in a directory that is trusted. Mode before umask.
Fd make_trusted_directory(const std::string& path, mode_t mode);

// Throws what make_trusted_directory() would refuse, without making anything.
void require_trusted_directory(const std::string& path);

}  // namespace os
