// SPDX-License-Identifier: Apache-2.0
// Reading, writing and creating small files. Every descriptor has O_CLOEXEC.
//
// An error is a std::system_error that names the call and the path. A file that may be absent is a value.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/os/fd.h"

namespace os {

// open(2) with O_CLOEXEC added. Throws std::system_error "open <path>: ...".
Fd open_file(const std::string& path, int flags, mode_t mode = 0);

// The same relative to a directory, with O_NOFOLLOW: a symbolic link is an error (ELOOP).
Fd open_file_at(int directory, const std::string& name, int flags, mode_t mode = 0);

// As open_file_at(), for regular files only. Other files are not opened, because opening can block (a fifo) or have an
// effect (a device): EINVAL "open lock, a fifo: ...". Only for trusted directories (trusted_directory.h): elsewhere
// another user could replace the file between the check and open(2).
Fd open_regular_at(int directory, const std::string& name, int flags, mode_t mode = 0);

// The kind of a file that is not regular, by st_mode: "a directory", "a fifo", "a socket", "a symbolic link", "a
// device".
const char* kind_of(mode_t mode);

// Reads to the end of the file. Throws EFBIG for more than `limit` bytes.
std::string read_all(int fd, std::size_t limit, std::string_view what);

// The content of a file; nullopt if there is none (ENOENT, ENOTDIR). It never blocks: a fifo has no content or throws
// EAGAIN.
std::optional<std::string> read_file(const std::string& path, std::size_t limit);
std::optional<std::string> read_file_at(int directory, const std::string& name, std::size_t limit);

// Writes all bytes; continues after short writes and EINTR. `written` counts the written bytes, also if the rest
// fails.
void write_all(int fd, std::string_view content, std::string_view what, std::size_t* written = nullptr);

// Creates `name` with all of `content`, or not at all. The bytes go to an unnamed file (O_TMPFILE; a temporary name if
// the file system has none), which then gets its name. Returns false if the name exists. The mode is before umask.
// `prepare` gets the descriptor of the written file before the file has its name.
bool create_whole_at(int directory, const std::string& name, std::string_view content, mode_t mode,
                     const std::function<void(int fd)>& prepare = {});

// Creates or replaces `name` in the same way. Readers see the old or the new file at every moment. To replace a file,
// it uses the temporary name ".<name>.<pid>", which a killed process leaves behind.
void replace_whole_at(int directory, const std::string& name, std::string_view content, mode_t mode);

// Writes a temporary file beside `path` and renames it to `path`: readers see the complete old or new content.
void replace_file(const std::string& path, std::string_view content, mode_t mode);

// mkdir -p. Throws std::system_error that names the directory that could not be created.
void make_directories(const std::string& path, mode_t mode);

// unlink(2); false if there was no such file.
bool remove_file(const std::string& path);
bool remove_file_at(int directory, const std::string& name);

// Calls `entry` with the name of each directory entry except "." and "..", in no order.
void for_each_entry(int directory, const std::function<void(const std::string& name)>& entry);

}  // namespace os
