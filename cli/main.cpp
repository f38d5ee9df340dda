// SPDX-License-Identifier: Apache-2.0
// One executable with many names: its name selects the plugin, as in busybox. Under its own name it is the operator's
// command.

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "cli/line/command_line.h"
#include "footbridge_plugins.h"
#include "lib/cni/builtin.h"
#include "lib/cni/serve.h"

namespace {

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // the whole path if it has no slash
}

// A runtime that calls an unknown name needs an error object, not our usage.
int reject_as_plugin(std::string_view name) {
  const cni::Error error(cni::kNotAvailable, "footbridge has no plugin \"" + std::string(name) + "\"",
                         "footbridge version lists the plugins");
  std::fputs(cni::print_error(error, cni::text(cni::kNewest)).c_str(), stdout);
  return 1;
}

int operate(std::span<char*> arguments) {
  ::signal(SIGCHLD, SIG_DFL);  // if our caller ignores it, exit codes of our children are lost
  const std::string_view name = arguments.empty() ? cni::kCommand : file_name(arguments.front());
  const char* command = std::getenv("CNI_COMMAND");  // NOLINT(concurrency-mt-unsafe): there is one thread
  if (arguments.size() < 2 && command != nullptr && *command != '\0') return reject_as_plugin(name);
  if (!name.starts_with(cni::kCommand)) {
    std::fprintf(stderr, "footbridge: no plugin \"%s\"; this is the operator's command\n", std::string(name).c_str());
  }
  std::array<const cni::Plugin*, kPlugins.size()> plugins{};
  for (std::size_t i = 0; i < kPlugins.size(); ++i) plugins.at(i) = &kPlugins.at(i).plugin();
  return cli::run(arguments, plugins);
}

}  // namespace

// Replaces libstdc++'s handler, which also prints the exception's type and therefore links a demangler of 40 kB.
namespace __gnu_cxx {                 // NOLINT(bugprone-reserved-identifier): the name is libstdc++'s
void __verbose_terminate_handler() {  // NOLINT(bugprone-reserved-identifier)
  std::fputs("footbridge: uncaught exception\n", stderr);
  try {
    if (std::current_exception() != nullptr) throw;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "footbridge: %s\n", error.what());
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is no text
  }
  std::abort();
}
}  // namespace __gnu_cxx

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const std::string_view name = arguments.empty() ? cni::kCommand : file_name(arguments.front());
  const cni::Builtin* plugin = cni::find_by_file_name(kPlugins, name);
  return plugin != nullptr ? cni::serve(plugin->plugin(), kAddressPlugins) : operate(arguments);
}
