// SPDX-License-Identifier: Apache-2.0
// A plugin that is in this executable, asked without a process. What comes of it is what a process of it would have said:
// the same answer, the same line in the log, the same words on stderr.
//
// An executable is a builtin's when it is this process's own file: device and inode number of /proc/self/exe (proc(5)). A
// copy, another build, an executable that has been replaced since we were started: all of them are started.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <span>
#include <string_view>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/os/process.h"

namespace cni {

// The name of the operator's command. A file whose name begins so is that command: footbridge-static is a static build.
inline constexpr std::string_view kCommand = "footbridge";

// Finds the plugin that a file of this name stands for: the plugin of that name, or else the one with the longest name that
// follows a "-" and ends the file's name. OpenShift calls bridge cnv-bridge; x-host-local is host-local. nullptr: no plugin,
// or the operator's command.
const Builtin* find_by_file_name(std::span<const Builtin> plugins, std::string_view file);

// The builtin of that name, if `file`, which was found under it, is our own; otherwise nullptr.
const Plugin* find_builtin(std::span<const Builtin> builtins, std::string_view name, const struct stat& file);

struct BuiltinAnswer {
  os::ProcessOutput output;

  // ADD's, where text would only be written to be read again (is_kept_by_text()): there is none then in `output`.
  std::optional<Result> result;
};

// What a process would read again has been read: the request is this process's, with the builtin's verb in it. Throws
// nothing of the plugin's.
BuiltinAnswer ask(const Plugin& builtin, const Request& request);

}  // namespace cni
