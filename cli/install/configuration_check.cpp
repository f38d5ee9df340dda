#include "cli/install/configuration_check.h"

#include "cli/cni/chain.h"
#include "footbridge_plugins.h"
#include "lib/cni/builtin.h"

namespace cli {
namespace {

void read(const std::string& type, const cni::Request& request, const std::string& what) {
  const cni::Builtin* plugin = cni::find_by_file_name(kPlugins, type);
  if (plugin == nullptr || !plugin->plugin().check_configuration) return;
  try {
    plugin->plugin().check_configuration(request);
  } catch (const cni::Error& error) {
    throw cni::Error(error.code(), what + ": " + type + ": " + error.msg(), error.details());
  }
}

// Of a container that there is not.
cni::Environment environment() {
  return {{"CNI_COMMAND", "ADD"},
          {"CNI_CONTAINERID", "none"},
          {"CNI_NETNS", "/none"},
          {"CNI_IFNAME", "eth0"},
          {"CNI_PATH", "/"}};
}

}  // namespace

void require_readable(const Conflist& network, const std::string& what) {
  for (const PluginConfig& plugin : network.plugins) {
    const auto input = [&] { return plugin_input(network, plugin, {}, std::nullopt); };
    const cni::Request request = cni::parse_request(environment(), cni::kAllVersions, input);
    read(plugin.type, request, what);
    if (const auto type = request.ipam_type()) read(*type, request, what);
  }
}

}  // namespace cli
