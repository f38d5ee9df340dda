// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/serve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <system_error>

#include "footbridge_version.h"
#include "lib/cni/call_log.h"
#include "lib/cni/result_json.h"
#include "lib/log/call.h"
#include "lib/log/log.h"
#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/memory_reserve.h"

namespace cni {
namespace {

constexpr std::size_t kReserve = 512U << 10U;  // bytes; undoing an ADD takes about 100,000

constexpr std::size_t kMostInput = 8U << 20U;  // bytes of stdin; a large prevResult has about 100,000

std::string about(const Plugin& plugin) {
  return "CNI " + std::string(plugin.name) + " plugin " + FOOTBRIDGE_VERSION +
         "\nCNI protocol versions supported: " + list(plugin.versions, ", ", false) + "\n";
}

std::string versions(const Plugin& plugin) {
  return "{\"cniVersion\":\"" + std::string(text(kNewest)) + "\",\"supportedVersions\":[" +
         list(plugin.versions, ",", true) + "]}\n";
}

bool is_own_netns(const std::string& path) {
  struct stat own {};
  struct stat container {};
  if (path.empty() || ::stat("/proc/self/ns/net", &own) != 0 || ::stat(path.c_str(), &container) != 0) return false;
  return own.st_dev == container.st_dev && own.st_ino == container.st_ino;
}

// If the container shared the caller's namespace, ADD would change the host's own links: it is rejected. DEL must not
// fail. It can meet its own namespace: /proc/PID/ns/net of a process that has ended, whose pid was reused. The
// container's namespace is gone then.
void require_other_netns(Request& request) {
  if (request.netns_override || !is_own_netns(request.netns)) return;
  if (request.verb == Verb::del) return request.netns.clear();
  throw Error(kBadNetns, "plugin's netns and netns from CNI_NETNS should not be the same", request.netns);
}

// Without the list of living attachments all would count as abandoned: nothing is collected.
void collect(const Plugin& plugin, const Request& request) {
  if (!request.alive()) {
    return logging::warn(
        "GC without cni.dev/valid-attachments, the list of living attachments ({containerID, ifname}): "
        "nothing is collected");
  }
  if (plugin.gc) plugin.gc(request);
}

std::string read_input() {
  try {
    return os::read_all(STDIN_FILENO, kMostInput, "error reading from stdin");
  } catch (const std::system_error& error) {
    throw Error(kInputOutput, error.what());
  }
}

Request read_request(const Plugin& plugin, Environment& environment, const std::function<std::string()>& input) {
  const logging::Stage stage("request");
  std::string text;
  try {
    Request request = parse_request(std::move(environment), plugin.versions, [&] { return text = input(); });
    log_request(request);
    return request;
  } catch (const Error&) {
    log_unread_request(environment, text);  // NOLINT(bugprone-use-after-move): not moved from if it throws
    throw;
  }
}

Answer reject(const Error& error, std::string_view version) {
  log_error(error);
  return {1, print_error(error, version), {}, {}, std::string(version)};
}

// If the caller closed descriptor 0, 1 or 2, our next socket would get that number, and warnings would go to it.
void occupy_standard_descriptors() {
  for (int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC); fd >= 0; fd = ::dup(fd)) {
    if (fd <= STDERR_FILENO) continue;
    ::close(fd);
    return;
  }
}

// A call without output counts as failed, so ADD must leave nothing.
void undo(const Answer& answer) {
  if (!answer.undo) return;
  try {
    answer.undo();
  } catch (const std::exception& error) {
    logging::warn(std::string("cannot undo an ADD whose result could not be written: ") + error.what());
  }
}

// Writes an error instead of an answer of which no byte was written.
void write_error_instead(const Answer& result, const Error& failure) {
  try {
    os::write_all(STDOUT_FILENO, print_error(failure, result.version), "write to stdout");
  } catch (const std::system_error&) {
    return;  // the caller does not read
  }
}

// Writes the answer. Returns the exit code.
int write_answer(const Answer& result, bool has_stdout) {
  std::size_t written = 0;
  try {
    os::write_all(STDERR_FILENO, result.err, "write to stderr");
    if (!has_stdout && !result.out.empty()) throw os::error(EBADF, "write to stdout");
    os::write_all(STDOUT_FILENO, result.out, "write to stdout", &written);
  } catch (const std::exception& error) {
    const Error failure(kInputOutput, error.what());
    logging::warn(error.what());
    log_error(failure);
    undo(result);
    if (has_stdout && written == 0) write_error_instead(result, failure);
    return 1;
  }
  return result.exit_code;
}

}  // namespace

std::string print_error(const Error& error, std::string_view version) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  if (!version.empty()) object["cniVersion"] = version;
  object["code"] = error.code();
  constexpr std::size_t kMost = 4096;  // bytes: a message may quote long input
  object["msg"] = shortened(error.msg(), kMost);
  if (!error.details().empty()) object["details"] = shortened(error.details(), kMost);
  return print_json(object);
}

std::optional<Result> perform(const Plugin& plugin, const Request& request) {
  const auto call = [&request](const std::function<void(const Request&)>& verb) {
    if (verb) verb(request);
  };
  switch (request.verb) {
    case Verb::add: return plugin.add(request);
    case Verb::del: call(plugin.del); break;
    case Verb::check: call(plugin.check); break;
    case Verb::status: call(plugin.status); break;
    case Verb::gc: collect(plugin, request); break;
    case Verb::version: break;  // answered before stdin is read
  }
  return std::nullopt;
}

std::string print_added(const Plugin& plugin, const Request& request, const Result& result) {
  try {
    return print_result(result, request.version);
  } catch (const Error&) {
    if (plugin.del) plugin.del(request);
    throw;
  }
}

Answer answer(const Plugin& plugin, Environment environment, const std::function<std::string()>& input,
              std::span<const Builtin> builtins) {
  const auto command = environment.find("CNI_COMMAND");
  if (command == environment.end() || command->second.empty()) {
    log_frequent_verb("about");
    return {0, {}, about(plugin)};
  }
  if (command->second == text(Verb::version)) {
    log_frequent_verb(command->second);
    return {0, versions(plugin), {}};
  }
  std::string_view version = text(plugin.versions.back());  // until the configuration's version is known
  try {
    Request request = read_request(plugin, environment, input);
    request.builtins = builtins;
    version = text(request.version);
    check_verb(request);
    if (request.verb == Verb::add || request.verb == Verb::del) require_other_netns(request);
    const std::optional<Result> added = perform(plugin, request);
    Answer result{0, added ? print_added(plugin, request, *added) : std::string(), {}, {}, std::string(version)};
    if (!added || !plugin.del) return result;
    const auto kept = std::make_shared<const Request>(std::move(request));
    result.undo = [&plugin, kept] { plugin.del(*kept); };
    return result;
  } catch (const std::exception& error) {
    return reject(as_error(error), version);
  }
}

int serve(const Plugin& plugin, std::span<const Builtin> builtins) {
  ::signal(SIGPIPE, SIG_IGN);  // a caller that is gone is an error of write(2), it must not kill us
  ::signal(SIGXFSZ, SIG_IGN);  // likewise RLIMIT_FSIZE: the index of the store is large
  ::signal(SIGCHLD, SIG_DFL);  // if it were ignored, the exit codes of our children would be lost
  const bool has_stdout = ::fcntl(STDOUT_FILENO, F_GETFD) >= 0;
  occupy_standard_descriptors();
  const logging::Call call(plugin.name);
  try {
    Environment environment = environment_of_process();
    std::optional<os::MemoryReserve> reserve;  // the other verbs undo nothing, and can do with less memory
    if (environment["CNI_COMMAND"] == text(Verb::add)) reserve.emplace(kReserve);
    return write_answer(answer(plugin, std::move(environment), read_input, builtins), has_stdout);
  } catch (const std::bad_alloc& error) {
    return write_answer(reject(as_error(error), text(plugin.versions.back())), has_stdout);
  } catch (...) {  // answer() catches all others
    log_error(Error(kInternal, "the call ended with an unknown exception"));
    return 1;
  }
}

}  // namespace cni
