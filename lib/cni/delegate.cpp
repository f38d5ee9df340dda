// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/delegate.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "lib/cni/builtin.h"
#include "lib/cni/result_json.h"
#include "lib/log/log.h"
#include "lib/net/closest.h"
#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/waited_for.h"

namespace cni {
namespace {

constexpr std::size_t kMostOutput = 16U << 20U;  // bytes of output; a result has a few thousand

struct Found {
  std::string file;
  struct stat status {};
};

std::optional<Found> first_file(const std::string& type, const std::vector<std::string>& path) {
  for (const std::string& directory : path) {
    Found found{directory + (directory.ends_with('/') ? "" : "/") + type};
    const bool is_named = !directory.empty();  // an empty entry is not the working directory
    if (is_named && ::stat(found.file.c_str(), &found.status) == 0 && S_ISREG(found.status.st_mode)) return found;
  }
  return std::nullopt;
}

// The names in the directories. A directory that cannot be read has none: its error must not replace the caller's.
std::vector<std::string> names_in(const std::vector<std::string>& path) {
  std::vector<std::string> names;
  for (const std::string& directory : path) {
    try {
      const os::Fd opened = os::open_file(directory, O_RDONLY | O_DIRECTORY);
      os::for_each_entry(opened.get(), [&](const std::string& name) { names.push_back(name); });
    } catch (const std::system_error&) {
      continue;
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Found look_up(const std::string& type, const std::vector<std::string>& path) {
  if (type.empty()) throw Error(kBadConfiguration, "no plugin name provided");
  if (type.find('/') != std::string::npos) throw Error(kBadConfiguration, "invalid plugin name: " + type);
  if (path.empty()) throw Error(kBadEnvironment, "no paths provided");
  if (auto found = first_file(type, path)) return std::move(*found);
  std::string places;
  for (const std::string& directory : path) places += (places.empty() ? "" : " ") + directory;
  throw Error(kNotAvailable, "failed to find plugin \"" + type + "\" in path [" + places + "]" +
                                 net::suggestion(type, names_in(path)));
}

std::vector<std::string> as_entries(const Environment& environment) {
  std::vector<std::string> result;
  result.reserve(environment.size());
  for (const auto& [name, value] : environment) result.push_back(name + "=" + value);
  return result;
}

// A plugin file that is open for writing, during an upgrade, is "text file busy". Six tries, a second apart, as the
// reference does.
os::Process start(const std::string& file, const Environment& environment, const std::string& input) {
  constexpr int kTries = 6;
  for (int left = kTries - 1;; --left) {
    try {
      return {file, {file}, as_entries(environment), input};
    } catch (const std::system_error& error) {
      if (error.code().value() != ETXTBSY || left == 0) {
        throw Error(kInternal, std::string("netplugin failed with no error message: ") + error.what());
      }
    }
    const timespec second{1, 0};
    ::nanosleep(&second, nullptr);
  }
}

// The time limit of a plugin, from its construction on.
struct Limit {
  std::chrono::milliseconds timeout;
  os::Process::Time deadline = std::chrono::steady_clock::now() + timeout;
};

os::ProcessOutput output_of(const std::string& what, os::Process& process, const Limit& limit) {
  const pid_t pid = process.pid();
  try {
    return process.wait(kMostOutput, limit.deadline);
  } catch (const std::system_error& error) {
    if (error.code().value() != ETIMEDOUT) throw;
    throw Error(kTryAgain, what + " did not end within " + os::duration_text(limit.timeout) + ": process " +
                               std::to_string(pid) + " was killed");
  }
}

// The error object in stdout; nullopt if it is something else.
std::optional<Error> error_object(const std::string& out) {
  const Json json = parse_json(out);
  if (!json.is_object()) return std::nullopt;
  const Json* code = find(json, "code");
  const Json* msg = find(json, "msg");
  const Json* details = find(json, "details");
  if (code == nullptr && msg == nullptr) return std::nullopt;  // a plugin that was killed after printing its result
  return Error(code != nullptr && code->is_number_unsigned() ? code->get<std::uint32_t>() : kUnknown,
               msg != nullptr && msg->is_string() ? msg->get<std::string>() : std::string(),
               details != nullptr && details->is_string() ? details->get<std::string>() : std::string());
}

// To our stderr. A failure to write does not fail the call: the plugin has done its work.
void pass_on(const std::string& err) {
  try {
    os::write_all(STDERR_FILENO, err, "write to stderr");
  } catch (const std::system_error&) {
    return;
  }
}

std::string addresses(const Result& result) {
  std::string all;
  for (const Ip& ip : result.ips) all += " " + ip.address.text();
  return all;
}

Environment with_verb(const Request& request, Verb verb) {
  Environment environment = request.environment;
  environment["CNI_COMMAND"] = text(verb);
  return environment;
}

// Copies the request only if the verb differs: for DEL after a failed ADD.
BuiltinAnswer call_with_verb(Verb verb, const Plugin& builtin, const Request& request) {
  if (verb == request.verb) return call_builtin(builtin, request);
  Request other = request;
  other.verb = verb;
  return call_builtin(builtin, other);
}

// host-local's texts, the reference's and ours, for an address that this attachment already has, or that it requests
// and another one has. In the second case a DEL of this attachment changes nothing.
bool is_leftover(const Error& error) {
  const std::string msg = error.msg();
  return msg.find("duplicate allocation is not allowed") != std::string::npos ||
         msg.find("is not available in range set") != std::string::npos;
}

}  // namespace

std::string find_plugin(const std::string& type, const std::vector<std::string>& path) {
  return look_up(type, path).file;
}

const Builtin* find_by_type(std::span<const Builtin> builtins, const std::string& type,
                            const std::vector<std::string>& path) {
  const Builtin* named = find_by_file_name(builtins, type);
  if (named == nullptr || named->name == type) return named;
  const auto found = first_file(type, path);
  return found && find_builtin(builtins, type, found->status) != nullptr ? named : nullptr;
}

std::string parse_output(const std::string& type, const os::ProcessOutput& output) {
  if (output.exit_code == 0) {
    pass_on(output.err);
    return output.out;
  }
  if (output.out.empty()) {
    const std::string ended = "exit status " + std::to_string(output.exit_code);
    if (output.err.empty()) throw Error(kUnknown, "netplugin failed with no error message: " + ended, type);
    throw Error(kUnknown, "netplugin failed: " + excerpt(Json(output.err)), type + ": " + ended);
  }
  std::optional<Error> error;
  try {
    error = error_object(output.out);
  } catch (const std::invalid_argument& failed) {
    throw Error(kUnknown, "netplugin failed but error parsing its diagnostic message " + excerpt(Json(output.out)) +
                              ": " + failed.what());
  }
  if (error) throw Error(*error);
  throw Error(kUnknown,
              "netplugin failed but its diagnostic message is not an error object: " + excerpt(Json(output.out)),
              type + ": exit status " + std::to_string(output.exit_code));
}

std::string run_plugin(const std::string& type, const std::vector<std::string>& path, const Environment& environment,
                       const std::string& input, std::chrono::milliseconds timeout) {
  const std::string file = find_plugin(type, path);
  const Limit limit{timeout};
  os::Process process = start(file, environment, input);
  return parse_output(type, output_of("plugin " + type, process, limit));
}

Lease::Lease(const Request& request, Rollback& rollback, std::chrono::milliseconds timeout)
    : request_(request),
      type_(request.ipam_type().value_or("")),
      version_(request.version),
      timeout_(timeout),
      deadline_(std::chrono::steady_clock::now() + timeout) {
  const Found found = look_up(type_, request.path);
  rollback.add("release the address", [&request, timeout] {
    delegate_ipam(request, Verb::del, std::min<std::chrono::milliseconds>(timeout, kUndoTimeout));
  });
  const Plugin* const builtin = find_builtin(request.builtins, type_, found.status);
  if (builtin == nullptr) {
    process_.emplace(start(found.file, with_verb(request, Verb::add), request.input));
    return;
  }
  const logging::Stage stage("ipam");
  keep(add_without_leftover([&] {
    BuiltinAnswer answer = call_builtin(*builtin, request);
    const std::string text = parse_output(type_, answer.output);
    return answer.result ? std::move(*answer.result) : parse(text);
  }));
}

// Retries ADD after DEL if a killed ADD left an address behind. The caller has checked that the attachment does not
// exist, so the existing allocation is not in use.
Result Lease::add_without_leftover(const std::function<Result()>& add_once) const {
  try {
    return add_once();
  } catch (const Error& error) {
    if (!is_leftover(error)) throw;
    logging::warn("IPAM plugin " + type_ +
                  ": retrying after DEL, because a killed ADD may have left an address: " + error.msg());
  }
  delegate_ipam(request_, Verb::del, std::min<std::chrono::milliseconds>(timeout_, kUndoTimeout));
  return add_once();
}

Lease::~Lease() {
  if (!process_) return;
  const logging::Stage stage("ipam");
  try {
    output_of("IPAM plugin " + type_, *process_, {timeout_, deadline_});
  } catch (const std::exception& error) {
    logging::warn("after a failed ADD: " + std::string(error.what()));
  }
}

const Result& Lease::wait() {
  if (result_) return *result_;
  const logging::Stage stage("ipam");
  return keep(add_without_leftover([this] {
    if (!process_)
      process_.emplace(start(find_plugin(type_, request_.path), with_verb(request_, Verb::add), request_.input));
    os::Process process = std::move(*process_);
    process_.reset();
    return parse(parse_output(type_, output_of("IPAM plugin " + type_, process, {timeout_, deadline_})));
  }));
}

Result Lease::parse(const std::string& answer) const {
  Json json;
  try {
    json = parse_json(answer);
  } catch (const std::invalid_argument& error) {
    throw Error(kNotJson, "result of IPAM plugin " + type_ + " is not JSON: " + error.what(), excerpt(Json(answer)));
  }
  if (json.is_null()) json = Json::object();
  return parse_result(json, version_, "result of IPAM plugin " + type_);
}

const Result& Lease::keep(Result result) {
  result_ = std::move(result);
  if (result_->ips.empty()) {
    const bool is_static = type_ == "static";
    throw Error(kInternal, "IPAM plugin returned missing IP config",
                "IPAM plugin " + type_ + " returned no address" +
                    (is_static ? "; list addresses in ipam.addresses, or let the runtime set them with "
                                 "\"capabilities\": {\"ips\": true}"
                               : ""));
  }
  if (logging::is_recording()) logging::record_action(type_ + " ADD:" + addresses(*result_));
  return *result_;
}

void delegate_ipam(const Request& request, Verb verb, std::chrono::milliseconds timeout) {
  const auto type = request.ipam_type();
  if (!type) return;
  const logging::Stage stage("ipam");
  const Found found = look_up(*type, request.path);
  if (const Plugin* const builtin = find_builtin(request.builtins, *type, found.status)) {
    parse_output(*type, call_with_verb(verb, *builtin, request).output);
  } else {
    const Limit limit{timeout};
    os::Process process = start(found.file, with_verb(request, verb), request.input);
    parse_output(*type, output_of("IPAM plugin " + *type, process, limit));
  }
  logging::record_action(*type + " " + std::string(text(verb)));
}

}  // namespace cni
