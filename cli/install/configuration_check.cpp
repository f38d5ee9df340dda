#include "cli/install/configuration_check.h"

#include <array>

#include "cli/cni/chain.h"
#include "ipam/host-local/config.h"
#include "ipam/static/config.h"
#include "lib/cni/request.h"
#include "plugins/bridge/config.h"
#include "plugins/firewall/config.h"
#include "plugins/portmap/config.h"
#include "plugins/ptp/config.h"
#include "plugins/tuning/config.h"

namespace cli {
namespace {

template <auto parse>
void read(const cni::Request& request) {
  static_cast<void>(parse(request));
}

struct Reader {
  std::string_view type;
  void (*read)(const cni::Request& request);
};

// loopback has no configuration.
constexpr std::array kReaders{
    Reader{"bridge", read<bridge::parse_config>},
    Reader{"firewall", read<firewall::parse_config>},
    Reader{"host-local", read<host_local::parse_config>},
    Reader{"portmap", read<portmap::parse_config>},
    Reader{"ptp", read<ptp::parse_config>},
    Reader{"static", read<static_addresses::parse_config>},
    Reader{"tuning", read<tuning::parse_config>},
};

void read(const std::string& type, const cni::Request& request, const std::string& what) {
  for (const Reader& reader : kReaders) {
    if (reader.type != type) continue;
    try {
      reader.read(request);
    } catch (const cni::Error& error) {
      throw cni::Error(error.code(), what + ": " + type + ": " + error.msg(), error.details());
    }
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
