// SPDX-License-Identifier: Apache-2.0
// Calling another plugin, as bridge calls its IPAM plugin (SPEC.md, "Section 4: Plugin Delegation"). It is started as a
// process; an IPAM plugin that is our own executable is asked in this one (builtin.h), which makes no other difference.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/cni/request.h"
#include "lib/cni/result.h"
#include "lib/cni/rollback.h"
#include "lib/os/process.h"

namespace cni {

// How long an IPAM plugin may take for one verb: longer than those with deadlines of their own take, such as the reference's
// dhcp, whose daemon gives up after 208 s. Runtimes end a call that takes them too long by themselves.
constexpr std::chrono::seconds kIpamPatience{240};

// For the DEL after an ADD that has failed or was killed, by which the caller is kept waiting once more.
constexpr std::chrono::seconds kUndoPatience{30};

// The same for a whole plugin: all that may be waited for in it, one after the other, fits.
constexpr std::chrono::minutes kPluginPatience{10};

// The file of plugin `type`: the first regular file of that name in the directories. Throws cni::Error with the
// reference's texts: "no plugin name provided", "invalid plugin name: ...", "no paths provided", "failed to find plugin".
std::string find_plugin(const std::string& type, const std::vector<std::string>& path);

// Which of the builtins a configuration's `type` is: the one of that name, or the one that a file of that name stands for
// (find_by_file_name()) if the file that find_plugin() finds is our own executable. nullptr: another program's.
const Builtin* find_by_type(std::span<const Builtin> builtins, const std::string& type,
                            const std::vector<std::string>& path);

// What a plugin that has ended said: its stdout. Throws its error object unchanged (code, msg, details) when it failed,
// or "netplugin failed ..." when it did not say how. What it wrote to stderr goes to ours when it succeeded.
std::string take_answer(const std::string& type, const os::ProcessOutput& output);

// Runs a plugin to its end: the same environment with these variables set instead, `input` as stdin. One that has not ended
// by then is killed with all that it has started, by SIGKILL as runtimes do it: cni::Error code 11, "plugin bridge has not
// answered within 600 s: process 1234 was killed".
std::string run_plugin(const std::string& type, const std::vector<std::string>& path, const Environment& environment,
                       const std::string& input, std::chrono::milliseconds patience = kPluginPatience);

// ADD of the IPAM plugin. A process runs beside the caller's own work from the construction on; a builtin is done when it
// ends.
class Lease {
 public:
  // The caller has seen that no finished attachment of that name is there, and keeps others from making it: an address that
  // the plugin keeps for it all the same was left by an ADD that was killed, and is given back first.
  //
  // request.ipam_type() must be there, and the request as long as this. Registers DEL of the same plugin with `rollback`
  // before it is started, because the specification wants that also after the delegate's own failure. Of a builtin, it throws what wait() throws.
  // patience: from now on, for ADD; the DEL has as much.
  Lease(const Request& request, Rollback& rollback, std::chrono::milliseconds patience = kIpamPatience);

  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Lease(Lease&&) = delete;
  Lease& operator=(Lease&&) = delete;

  // Lets the plugin finish, as long as it may take: one that is cut short leaves behind what nobody knows of.
  ~Lease();

  // Waits for it. Throws what take_answer and run_plugin throw; cni::Error "IPAM plugin returned missing IP config" without addresses.
  const Result& wait();

 private:
  [[nodiscard]] Result parse(const std::string& answer) const;
  [[nodiscard]] Result without_leftover(const std::function<Result()>& ask_once) const;
  const Result& take(Result result);

  const Request& request_;
  std::string type_;
  Version version_;
  std::chrono::milliseconds patience_;
  os::Process::Time deadline_;
  std::optional<os::Process> process_;
  std::optional<Result> result_;
};

// CHECK, DEL, STATUS or GC of the IPAM plugin of the configuration, with the environment and stdin of the request.
// Nothing when the configuration names none. A process may take as long as one of run_plugin().
void delegate_ipam(const Request& request, Verb verb, std::chrono::milliseconds patience = kIpamPatience);

}  // namespace cni
