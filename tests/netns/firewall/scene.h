// SPDX-License-Identifier: Apache-2.0
// A host with a machine outside. bridge, portmap and firewall attach containers to networks 10.N.0.0/24, fd00:N::/64.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "tests/netns/host.h"
#include "tests/netns/talk.h"

namespace test {

struct FirewallScene {
  static constexpr std::uint16_t kHostPort = 8080;  // published for port 80 of the container
  static constexpr std::uint16_t kContainerPort = 80;

  Host host;

  FirewallScene() {
    host.add_outside("outside");
    host.run({"ip", "route", "add", "10.0.0.0/8", "via", Host::kHostAddress}, "outside");
    host.run({"ip", "-6", "route", "add", "fd00::/16", "via", Host::kHostAddress6}, "outside");
  }

  void sh(const std::string& commands) const { host.run({"sh", "-e", "-c", commands}); }
  [[nodiscard]] std::string printed(const std::string& command) const { return host.run({"sh", "-c", command}); }

  // The configuration of network "netN" for the plugin, with `keys` added.
  static Json config(const std::string& plugin, int network, const Json& keys = Json::object()) {
    const std::string n = std::to_string(network);
    Json json = {{"cniVersion", "1.1.0"},    {"name", "net" + n}, {"type", plugin},     {"bridge", "br" + n},
                 {"isDefaultGateway", true}, {"ipMasq", true},    {"hairpinMode", true}};
    json["ipam"] = {{"type", "host-local"},
                    {"ranges", {{{{"subnet", "10." + n + ".0.0/24"}}}, {{{"subnet", "fd00:" + n + "::/64"}}}}}};
    json.update(keys);
    return json;
  }

  static Json published() {
    return {{"runtimeConfig",
             {{"portMappings",
               {{{"hostPort", kHostPort}, {"containerPort", kContainerPort}, {"protocol", "tcp"}},
                {{"hostPort", kHostPort}, {"containerPort", kContainerPort}, {"protocol", "udp"}}}}}}};
  }

  // ADD of bridge, and of portmap if `is_published`. Returns firewall's prevResult.
  Json connect(const std::string& name, int network, bool is_published = false) {
    const auto added = call({"bridge", "ADD", name, host.add_netns(name), config("bridge", network).dump()});
    REQUIRE_MESSAGE(added.ok(), added.out);
    if (!is_published) return added.json();
    Json keys = published();
    keys["prevResult"] = added.json();
    const auto ports = call({"portmap", "ADD", name, "/run/netns/" + name, config("portmap", network, keys).dump()});
    REQUIRE_MESSAGE(ports.ok(), ports.out);
    return added.json();
  }

  static Outcome firewall(const std::string& verb, const std::string& name, int network,
                          const Json& keys = Json::object()) {
    return call({"firewall", verb, name, "/run/netns/" + name, config("firewall", network, keys).dump()});
  }

  // ADD of all three plugins. `keys` are firewall's.
  Json add(const std::string& name, int network, const Json& keys = Json::object(), bool is_published = false) {
    const Json result = connect(name, network, is_published);
    Json all = keys;
    all["prevResult"] = result;
    const auto added = firewall("ADD", name, network, all);
    REQUIRE_MESSAGE(added.ok(), added.out);
    CHECK(added.json() == result);
    return result;
  }

  // DEL of all three plugins without prevResult and namespace, as a runtime's repeated DEL.
  static void del(const std::string& name, int network) {
    for (const char* plugin : {"firewall", "portmap", "bridge"}) {
      const auto deleted = call({plugin, "DEL", name, "", config(plugin, network).dump()});
      CHECK_MESSAGE(deleted.ok(), deleted.out);
    }
  }
};

}  // namespace test
