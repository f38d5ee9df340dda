#include "lib/cni/serve.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "footbridge_version.h"
#include "lib/cni/result_json.h"
#include "lib/log/log.h"
#include "lib/os/file.h"

namespace cni {
namespace {

constexpr std::size_t kMostInput =
    8U << 20U;  // bytes of stdin; a configuration with a large prevResult has some 100,000

std::string about(const Plugin& plugin) {
  return "CNI " + std::string(plugin.name) + " plugin " + FOOTBRIDGE_VERSION +
         "\nCNI protocol versions supported: " + list(plugin.versions, ", ", false) + "\n";
}

std::string versions(const Plugin& plugin) {
  return "{\"cniVersion\":\"" + std::string(text(kNewest)) + "\",\"supportedVersions\":[" +
         list(plugin.versions, ",", true) + "]}\n";
}

// A container that shares the caller's namespace would have the host's own links rearranged. Before any work is done.
void refuse_own_netns(const Request& request) {
  if (request.netns.empty() || request.netns_override) return;
  struct stat own {};
  struct stat container {};
  if (::stat("/proc/self/ns/net", &own) != 0 || ::stat(request.netns.c_str(), &container) != 0) return;
  if (own.st_dev != container.st_dev || own.st_ino != container.st_ino) return;
  throw Error(kBadNetns, "plugin's netns and netns from CNI_NETNS should not be the same", request.netns);
}

std::string dispatch(const Plugin& plugin, const Request& request) {
  const auto call = [&request](const std::function<void(const Request&)>& verb) {
    if (verb) verb(request);
    return std::string();
  };
  if (request.verb == Verb::add || request.verb == Verb::del) refuse_own_netns(request);
  switch (request.verb) {
    case Verb::add: return print_result(plugin.add(request), request.version);
    case Verb::del: return call(plugin.del);
    case Verb::check: return call(plugin.check);
    case Verb::status: return call(plugin.status);
    case Verb::gc: return call(plugin.gc);
    case Verb::version: return versions(plugin);
  }
  return {};
}

std::string read_input() {
  try {
    return os::read_all(STDIN_FILENO, kMostInput, "error reading from stdin");
  } catch (const std::system_error& error) {
    throw Error(kInputOutput, error.what());
  }
}

}  // namespace

std::string print_error(const Error& error, std::string_view version) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  if (!version.empty()) object["cniVersion"] = version;
  object["code"] = error.code();
  object["msg"] = error.msg();
  if (!error.details().empty()) object["details"] = error.details();
  return print_json(object);
}

Answer answer(const Plugin& plugin, const Environment& environment, const std::function<std::string()>& input) {
  const auto command = environment.find("CNI_COMMAND");
  if (command == environment.end() || command->second.empty()) return {0, {}, about(plugin)};
  if (command->second == text(Verb::version)) return {0, versions(plugin), {}};
  std::string version;
  try {
    const Request request = parse_request(environment, plugin.versions, input);
    version = text(request.version);
    return {0, dispatch(plugin, request), {}};
  } catch (const Error& error) {
    return {1, print_error(error, version), {}};
  } catch (const std::exception& error) {
    return {1, print_error(Error(kInternal, error.what()), version), {}};
  }
}

int serve(const Plugin& plugin) {
  ::signal(SIGPIPE, SIG_IGN);  // a caller that has gone away is an error of write(2), not our death half way
  logging::start(plugin.name);
  const Answer result = answer(plugin, environment_of_process(), read_input);
  try {
    os::write_all(STDERR_FILENO, result.err, "write to stderr");
    os::write_all(STDOUT_FILENO, result.out, "write to stdout");
  } catch (const std::exception& error) {
    logging::warn(error.what());
    return 1;
  }
  return result.exit_code;
}

}  // namespace cni
