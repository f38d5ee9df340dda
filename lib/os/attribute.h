// SPDX-License-Identifier: Apache-2.0
// Extended attributes of files (xattr(7)): a note beside a file that changes neither its name nor its content.
//
// Names begin with "user.". Not every file system keeps them, and what cannot be kept is no failure here: an attribute is
// an extra that nobody may depend on.
#pragma once

#include <optional>
#include <string>

namespace os {

// The attribute of an open file or directory; "" when it has none, nullopt when it cannot have one here. Values that
// are longer than 256 bytes are taken for absent.
std::optional<std::string> read_attribute(int fd, const std::string& name);

// Sets it; false when it cannot be kept, for whatever reason.
bool write_attribute(int fd, const std::string& name, const std::string& value);

// Is this a file system that is this machine's alone? What is written elsewhere need not be of this machine, and of a file
// system that is not known here nobody can say.
bool is_local(int fd);

}  // namespace os
