// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/builtin.h"

#include <algorithm>

#include "lib/cni/call_log.h"
#include "lib/cni/result_json.h"
#include "lib/cni/serve.h"
#include "lib/log/call.h"
#include "lib/log/log.h"

namespace cni {
namespace {

bool is_own_file(const struct stat& file) {
  struct stat own {};
  return ::stat("/proc/self/exe", &own) == 0 && own.st_dev == file.st_dev && own.st_ino == file.st_ino;
}

void perform_logged(const Plugin& plugin, const Request& request, BuiltinAnswer& answer) {
  {
    const logging::Stage stage("request");
    log_request(request);
  }
  check_verb(request);
  answer.result = perform(plugin, request);
  if (!answer.result || is_kept_by_text(*answer.result, request.version)) return;
  answer.output.out = print_added(plugin, request, *answer.result);
  answer.result.reset();
}

}  // namespace

const Builtin* find_by_file_name(std::span<const Builtin> plugins, std::string_view file) {
  if (file.starts_with(kCommand)) return nullptr;
  for (;;) {
    const auto found =
        std::find_if(plugins.begin(), plugins.end(), [&](const Builtin& one) { return one.name == file; });
    if (found != plugins.end()) return &*found;
    const auto dash = file.find('-');
    if (dash == std::string_view::npos) return nullptr;
    file.remove_prefix(dash + 1);
  }
}

const Plugin* find_builtin(std::span<const Builtin> builtins, std::string_view name, const struct stat& file) {
  const Builtin* found = find_by_file_name(builtins, name);
  return found != nullptr && is_own_file(file) ? &found->plugin() : nullptr;
}

BuiltinAnswer call_builtin(const Plugin& builtin, const Request& request) {
  BuiltinAnswer answer;
  {
    const logging::Call call(builtin.name, &answer.output.err);
    try {
      perform_logged(builtin, request, answer);
    } catch (const std::exception& thrown) {
      const Error error = as_error(thrown);
      log_error(error);
      answer.output.exit_code = 1;
      answer.output.out = print_error(error, text(request.version));
      answer.result.reset();
    }
  }
  return answer;
}

}  // namespace cni
