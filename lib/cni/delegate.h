// SPDX-License-Identifier: Apache-2.0
// Calls another plugin, as bridge calls its IPAM plugin (SPEC.md, "Section 4: Plugin Delegation"). It runs as a
// process, or within this process if its file is our own executable (builtin.h). The effect is the same.
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

// The time limit of an IPAM plugin for one verb. It is longer than the plugins' own limits: the reference's dhcp
// daemon gives up after 208 s. A runtime that waits less ends the call itself.
constexpr std::chrono::seconds kIpamTimeout{240};

// The time limit of a DEL after a failed or killed ADD, which adds to the caller's wait.
constexpr std::chrono::seconds kUndoTimeout{30};

// The time limit of a plugin: the sum of all its own limits fits.
constexpr std::chrono::minutes kPluginTimeout{10};

// The file of plugin `type`: the first regular file of that name in the directories. Throws cni::Error with the
// reference's texts: "no plugin name provided", "invalid plugin name: ...", "no paths provided", "failed to find
// plugin ..." and a similar name in the directories, if there is one.
std::string find_plugin(const std::string& type, const std::vector<std::string>& path);

// The builtin of a configuration's `type`: the one of that name, or the one that the file name stands for
// (find_by_file_name()) if find_plugin() finds our own executable. nullptr: another program.
const Builtin* find_by_type(std::span<const Builtin> builtins, const std::string& type,
                            const std::vector<std::string>& path);

// The stdout of a plugin that has ended. If it failed, throws its error object unchanged (code, msg, details), or
// "netplugin failed ..." if it printed none. If it succeeded, its stderr goes to ours.
std::string parse_output(const std::string& type, const os::ProcessOutput& output);

// Runs a plugin until it ends, with this environment and `input` as stdin. At the time limit it is killed with all its
// descendants, by SIGKILL as runtimes do: cni::Error code 11, "plugin bridge did not end within 600 s: process 1234
// was killed".
std::string run_plugin(const std::string& type, const std::vector<std::string>& path, const Environment& environment,
                       const std::string& input, std::chrono::milliseconds timeout = kPluginTimeout);

// ADD of the IPAM plugin. A process runs in parallel from the construction on; a builtin has finished when the
// constructor returns.
class Lease {
 public:
  // Precondition: no finished attachment of this name exists, and the caller's lock prevents a new one. An address
  // that the plugin still has for it comes from a killed ADD and is released first.
  //
  // The request needs ipam_type() and must outlive this object. Registers DEL of the plugin with `rollback` before the
  // start: the specification requires DEL even if the delegate fails. For a builtin, it throws what wait() throws.
  // timeout: of ADD, from now on, and of DEL.
  Lease(const Request& request, Rollback& rollback, std::chrono::milliseconds timeout = kIpamTimeout);

  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Lease(Lease&&) = delete;
  Lease& operator=(Lease&&) = delete;

  // Lets the plugin finish within its time limit: an interrupted one would leave an address behind.
  ~Lease();

  // Waits for the plugin. Throws what parse_output() and run_plugin() throw, and cni::Error "IPAM plugin returned
  // missing IP config" without addresses.
  const Result& wait();

 private:
  [[nodiscard]] Result parse(const std::string& answer) const;
  [[nodiscard]] Result add_without_leftover(const std::function<Result()>& add_once) const;
  const Result& keep(Result result);

  const Request& request_;
  std::string type_;
  Version version_;
  std::chrono::milliseconds timeout_;
  os::Process::Time deadline_;
  std::optional<os::Process> process_;
  std::optional<Result> result_;
};

// CHECK, DEL, STATUS or GC of the configured IPAM plugin, with the request's environment and stdin. Does nothing
// without one.
void delegate_ipam(const Request& request, Verb verb, std::chrono::milliseconds timeout = kIpamTimeout);

}  // namespace cni
