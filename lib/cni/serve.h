// SPDX-License-Identifier: Apache-2.0
// Serves a call: the only code that catches exceptions and writes to stdout.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/cni/request.h"
#include "lib/cni/result.h"

namespace cni {

// A plugin and its verbs. A verb without a function succeeds and does nothing. `gc` is called only if the request
// names the living attachments (Request::alive()).
struct Plugin {
  std::string_view name;
  std::span<const Version> versions = kAllVersions;
  std::function<Result(const Request&)> add;
  std::function<void(const Request&)> del;
  std::function<void(const Request&)> check;
  std::function<void(const Request&)> status;
  std::function<void(const Request&)> gc;

  // Not a verb: `footbridge reload` calls it. Restores the nftables objects of ADD and the host's forwarding from
  // prevResult. Changes no link and no address, and calls no IPAM plugin. The request is one of DEL (its namespace may
  // be unknown) with ADD's runtimeConfig. Idempotent. Throws as the verbs do.
  std::function<void(const Request&)> restore = {};

  // Not a verb: `footbridge install --config` calls it. Parses the configuration as ADD does, without a look at the
  // host. Throws cni::Error if ADD would reject it. Empty: the plugin has no keys.
  std::function<void(const Request&)> check_configuration = {};
};

struct Answer {
  int exit_code = 0;                // 0, or 1 after an error
  std::string out;                  // for stdout: a result, an error object, the versions, or nothing
  std::string err;                  // for stderr: the "about" lines
  std::function<void()> undo = {};  // of a successful ADD whose result cannot be written
  std::string version = {};         // of the configuration, for an error instead of `out`; "": none
};

// Calls `input` for stdin at most once, and not for VERSION or without CNI_COMMAND. Throws nothing.
Answer answer(const Plugin& plugin, Environment environment, const std::function<std::string()>& input,
              std::span<const Builtin> builtins = {});

// answer() with the environment, stdin, stdout and stderr of this process. Returns the exit code. builtins: the IPAM
// plugins that need no process.
int serve(const Plugin& plugin, std::span<const Builtin> builtins = {});

// Calls the verb's function for a parsed request. Returns the result of ADD. Throws what the plugin throws.
std::optional<Result> perform(const Plugin& plugin, const Request& request);

// Prints the result of ADD. If the version cannot express it, such as a result without addresses before 0.3.0, it
// undoes ADD and throws cni::Error.
std::string print_added(const Plugin& plugin, const Request& request, const Result& result);

// Prints the error object. version: its cniVersion (the specification requires it, the reference omits it): the
// configuration's, or the plugin's newest if that is unknown. "": none.
std::string print_error(const Error& error, std::string_view version);

}  // namespace cni
