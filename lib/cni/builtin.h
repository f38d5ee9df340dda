// SPDX-License-Identifier: Apache-2.0
// Calls a plugin of this executable without starting a process. Result, log line and stderr are the same as those of a
// process.
//
// A plugin file is a builtin if it is this process's own executable, by device and inode of /proc/self/exe (proc(5)).
// A copy, another build or an executable that was replaced after our start is started as a process.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <span>
#include <string_view>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/os/process.h"

namespace cni {

// The operator's command. A file whose name begins with it is the command: footbridge-static is a static build.
inline constexpr std::string_view kCommand = "footbridge";

// The plugin that a file of this name is: the plugin of that name, or the one with the longest name that follows a "-"
// and ends the file's name. OpenShift calls bridge cnv-bridge; x-host-local is host-local. nullptr: no plugin, or the
// operator's command.
const Builtin* find_by_file_name(std::span<const Builtin> plugins, std::string_view file);

// The builtin of that name if `file`, the status of the file of that name, is our own executable; otherwise nullptr.
const Plugin* find_builtin(std::span<const Builtin> builtins, std::string_view name, const struct stat& file);

struct BuiltinAnswer {
  os::ProcessOutput output;

  // The result of ADD, if printing and parsing would not change it (is_kept_by_text()). `output` is empty then.
  std::optional<Result> result;
};

// Calls the builtin with this process's request, whose verb is the builtin's. Throws no exception of the plugin.
BuiltinAnswer call_builtin(const Plugin& builtin, const Request& request);

}  // namespace cni
