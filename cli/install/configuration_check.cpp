// SPDX-License-Identifier: Apache-2.0
#include "cli/install/configuration_check.h"

#include <algorithm>

#include "cli/cni/chain.h"
#include "footbridge_plugins.h"
#include "lib/cni/builtin.h"
#include "lib/cni/delegate.h"

namespace cli {
namespace {

void check(const cni::Builtin* plugin, const std::string& type, const cni::Request& request, const std::string& what) {
  if (plugin == nullptr || !plugin->plugin().check_configuration) return;
  try {
    plugin->plugin().check_configuration(request);
  } catch (const cni::Error& error) {
    throw cni::Error(error.code(), what + ": " + type + ": " + error.msg(), error.details());
  }
}

// For a container that does not exist.
cni::Environment environment() {
  return {{"CNI_COMMAND", "ADD"},
          {"CNI_CONTAINERID", "none"},
          {"CNI_NETNS", "/none"},
          {"CNI_IFNAME", "eth0"},
          {"CNI_PATH", "/"}};
}

}  // namespace

void require_readable(const Conflist& network, const std::string& what, const std::vector<std::string>& links,
                      const std::vector<std::string>& path) {
  const auto find = [&](const std::string& type) {
    const bool is_link = std::find(links.begin(), links.end(), type) != links.end();
    return is_link ? cni::find_by_file_name(kPlugins, type) : cni::find_by_type(kPlugins, type, path);
  };
  for (const PluginConfig& plugin : network.plugins) {
    const auto input = [&] { return plugin_input(network, plugin, {}, std::nullopt); };
    const cni::Request request = cni::parse_request(environment(), cni::kAllVersions, input);
    check(find(plugin.type), plugin.type, request, what);
    if (const auto type = request.ipam_type()) check(find(*type), *type, request, what);
  }
}

}  // namespace cli
