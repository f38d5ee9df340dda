// SPDX-License-Identifier: Apache-2.0
// Extended attributes of files (xattr(7)): a note on a file that changes neither its name nor its content.
//
// Names begin with "user.". Some file systems do not keep attributes. That is no error here: callers must work without
// them.
#pragma once

#include <optional>
#include <string>

namespace os {

// The attribute of an open file or directory. "": it has none. nullopt: it cannot have one here. A value of more than
// 256 bytes counts as absent.
std::optional<std::string> read_attribute(int fd, const std::string& name);

// Sets it. Returns false if it cannot be kept, for any reason.
bool write_attribute(int fd, const std::string& name, const std::string& value);

// Is the file on a file system that only this machine uses? Files elsewhere may come from another machine. An unknown
// file system counts as shared.
bool is_local(int fd);

}  // namespace os
