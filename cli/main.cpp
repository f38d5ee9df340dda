// One executable, many names: the name it is started under says which plugin it is, as in busybox. Under its own name it
// is the operator's command. The table below is the only place that knows all plugins.

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "cli/line/command_line.h"
#include "ipam/host-local/host_local.h"
#include "ipam/static/static.h"
#include "lib/cni/request.h"
#include "lib/cni/serve.h"
#include "plugins/bridge/bridge.h"
#include "plugins/firewall/firewall.h"
#include "plugins/loopback/loopback.h"
#include "plugins/portmap/portmap.h"
#include "plugins/ptp/ptp.h"
#include "plugins/tuning/tuning.h"

namespace {

using Name = cni::Neighbour;

constexpr std::array kNames{
    Name{"bridge", bridge::plugin},           Name{"firewall", firewall::plugin},
    Name{"host-local", host_local::plugin},   Name{"loopback", loopback::plugin},
    Name{"portmap", portmap::plugin},         Name{"ptp", ptp::plugin},
    Name{"static", static_addresses::plugin}, Name{"tuning", tuning::plugin},
};

// What the others may ask without starting a process.
constexpr std::array kAddressPlugins{Name{"host-local", host_local::plugin}, Name{"static", static_addresses::plugin}};

constexpr std::string_view kOwnName = "footbridge";

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // the whole of it when there is no slash
}

// A runtime that calls us under a name we do not know must get an answer it understands, and not our usage.
int refuse_as_plugin(std::string_view name) {
  const cni::Error error(cni::kNotAvailable, "footbridge is no plugin \"" + std::string(name) + "\"",
                         "a plugin is this executable under the plugin's name; footbridge version lists them");
  std::fputs(cni::print_error(error, cni::text(cni::kNewest)).c_str(), stdout);
  return 1;
}

int operate(std::span<char*> arguments) {
  ::signal(SIGCHLD, SIG_DFL);  // a caller that ignores it would have us lose the exit codes of what we start
  const std::string_view name = arguments.empty() ? kOwnName : file_name(arguments.front());
  const char* command = std::getenv("CNI_COMMAND");  // NOLINT(concurrency-mt-unsafe): there is one thread
  if (arguments.size() < 2 && command != nullptr && *command != '\0') return refuse_as_plugin(name);
  if (name != kOwnName) {
    std::fprintf(stderr, "footbridge: there is no plugin \"%s\": this is the operator's command\n",
                 std::string(name).c_str());
  }
  std::array<const cni::Plugin*, kNames.size()> plugins{};
  for (std::size_t i = 0; i < kNames.size(); ++i) plugins.at(i) = &kNames.at(i).plugin();
  return cli::run(arguments, plugins);
}

}  // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const std::string_view name = arguments.empty() ? kOwnName : file_name(arguments.front());
  for (const Name& known : kNames) {
    if (known.name == name) return cni::serve(known.plugin(), kAddressPlugins);
  }
  return operate(arguments);
}
