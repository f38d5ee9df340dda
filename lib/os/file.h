// SPDX-License-Identifier: Apache-2.0
// Whole small files: read, write, create. Every descriptor is opened with O_CLOEXEC.
//
// Failures are std::system_error naming the call and the path; the expected absence of a file is a value.
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

// The same relative to a directory, with O_NOFOLLOW added: a symbolic link in place of the file is an error (ELOOP).
Fd open_file_at(int directory, const std::string& name, int flags, mode_t mode = 0);

// As open_file_at(), of a regular file only. Whatever else has that name is not even opened, because that alone can keep one
// waiting (a fifo) or do something (a device): EINVAL "open lock, a fifo: ...". For directories in which nobody can put
// something else there between the look and the opening (trusted_directory.h).
Fd open_regular_at(int directory, const std::string& name, int flags, mode_t mode = 0);

// What is in a file's place, by st_mode: "a directory", "a fifo", "a socket", "a symbolic link", "a device".
const char* kind_of(mode_t mode);

// Reads to end of file. Throws EFBIG when there is more than `limit` bytes: no caller can be made to swallow anything.
std::string read_all(int fd, std::size_t limit, std::string_view what);

// The content of a file; nullopt when there is none (ENOENT, ENOTDIR). Nothing waits: a fifo in its place has no content, or
// throws EAGAIN.
std::optional<std::string> read_file(const std::string& path, std::size_t limit);
std::optional<std::string> read_file_at(int directory, const std::string& name, std::size_t limit);

// Writes all bytes, going on after short writes and EINTR. `written`: how many are out, also when the rest fails.
void write_all(int fd, std::string_view content, std::string_view what, std::size_t* written = nullptr);

// Creates `name` with all of `content` or not at all: the bytes go to an unnamed file (O_TMPFILE, or a temporary name
// where the file system has none), which is linked to its name. false when the name is already there. Mode before umask.
// `prepare` is called with the written file's descriptor, before the file has its name.
bool create_whole_at(int directory, const std::string& name, std::string_view content, mode_t mode,
                     const std::function<void(int fd)>& prepare = {});

// Gives `name` this content, whether it is there or not, in the same way. A file that it replaces is there, old or new, at every
// moment; for the new one a temporary name, ".<name>.<pid>", has to be taken, which a process that is killed then leaves.
void replace_whole_at(int directory, const std::string& name, std::string_view content, mode_t mode);

// Writes a temporary file beside `path` and renames it over `path`: readers see the old or the new content, whole.
void replace_file(const std::string& path, std::string_view content, mode_t mode);

// mkdir -p. Throws std::system_error naming the directory that could not be made.
void make_directories(const std::string& path, mode_t mode);

// unlink(2); false when there was nothing to remove.
bool remove_file(const std::string& path);
bool remove_file_at(int directory, const std::string& name);

// Calls `entry` with the name of each directory entry but "." and "..", in no order.
void for_each_entry(int directory, const std::function<void(const std::string& name)>& entry);

}  // namespace os
