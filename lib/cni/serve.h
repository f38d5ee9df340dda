// SPDX-License-Identifier: Apache-2.0
// From the call to the answer: the only place that catches, and the only one that writes to stdout.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/cni/request.h"
#include "lib/cni/result.h"

namespace cni {

// A plugin: what it does for each verb. A verb without a function succeeds and does nothing. `gc` is only called when the
// request says which attachments are alive (Request::alive()).
struct Plugin {
  std::string_view name;
  std::span<const Version> versions = kAllVersions;
  std::function<Result(const Request&)> add;
  std::function<void(const Request&)> del;
  std::function<void(const Request&)> check;
  std::function<void(const Request&)> status;
  std::function<void(const Request&)> gc;

  // No verb: `footbridge reload` calls it. Makes what ADD puts into nftables, and the host's forwarding, again from
  // prevResult; changes no link and no address, and asks no IPAM plugin. The request is one of DEL's (its namespace may not
  // be known) with ADD's runtimeConfig. Doing it twice changes nothing. Throws as the verbs do.
  std::function<void(const Request&)> restore = {};

  // No verb: `footbridge install --config` calls it. Parses the configuration as ADD does, without a look at the host. Throws
  // cni::Error if ADD would reject it. Empty: the plugin has no keys.
  std::function<void(const Request&)> check_configuration = {};
};

struct Answer {
  int exit_code = 0;                // 0, or 1 after an error
  std::string out;                  // for stdout: a result, an error object, the versions, or nothing
  std::string err;                  // for stderr: the "about" lines
  std::function<void()> undo = {};  // of a successful ADD: for when nobody can be told of it
  std::string version = {};         // of the configuration, for an error in the place of `out`; "": none
};

// `input` is called at most once, for stdin; never for VERSION and without CNI_COMMAND. Throws nothing.
Answer answer(const Plugin& plugin, Environment environment, const std::function<std::string()>& input,
              std::span<const Builtin> builtins = {});

// answer() with this process's environment, stdin, stdout and stderr; the exit code. builtins: the IPAM plugins that may
// be asked without a process.
int serve(const Plugin& plugin, std::span<const Builtin> builtins = {});

// The work alone, for a request that was read and let in: ADD's result, nothing of the other verbs. Throws what the plugin
// throws.
std::optional<Result> perform(const Plugin& plugin, const Request& request);

// ADD's result as text. One that the version of the configuration has no shape for, as one without addresses before 0.3.0,
// fails an ADD that is done (cni::Error): it is taken back.
std::string print_added(const Plugin& plugin, const Request& request, const Result& result);

// The error object as text. cniVersion (the reference leaves it out, the specification wants it): the configuration's, or
// the newest that the plugin knows as long as the configuration's is not known; none when `version` is "".
std::string print_error(const Error& error, std::string_view version);

}  // namespace cni
