// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/bench/chain.h"

namespace bench {
namespace {

Json network_config(const Side& side, const Scene& scene) {
  Json config = {{"cniVersion", "1.0.0"}, {"name", kNetwork}, {"type", scene.plugin}};
  if (scene.is_on_lan()) {
    config["master"] = "lan0";
  } else {
    config["ipMasq"] = true;
    if (!side.backend.empty()) config["ipMasqBackend"] = side.backend;
  }
  if (scene.plugin == "bridge") {
    config["bridge"] = "cni0";
    config["isGateway"] = true;
    config["hairpinMode"] = true;
  }
  config["ipam"] =
      Json::parse(scene.is_dual_stack ? R"({"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}],
                                         "ranges": [[{"subnet": "10.1.0.0/16"}], [{"subnet": "fd00:10:1::/64"}]]})"
                                      : R"({"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}],
                                         "ranges": [[{"subnet": "10.1.0.0/16"}]]})");
  return config;
}

Json portmap_config(const Side& side, const Scene& scene, int number) {
  Json config = {{"cniVersion", "1.0.0"}, {"name", kNetwork}, {"type", "portmap"}};
  if (!side.backend.empty()) config["backend"] = side.backend;
  for (int i = 0; i < scene.ports; ++i) {
    config["runtimeConfig"]["portMappings"].push_back(
        {{"hostPort", host_port(scene, number) + i}, {"containerPort", 80 + i}, {"protocol", scene.protocol}});
  }
  return config;
}

class PluginChain : public Chain {
 public:
  PluginChain(Side side, Scene scene, int count)
      : side_(std::move(side)), scene_(std::move(scene)), results_(static_cast<std::size_t>(count)) {}

  Operation run(Launcher& launcher, const std::string& verb, int number) override {
    return verb == "ADD" ? add(launcher, number) : remove(launcher, verb != "DEL", number);
  }

  [[nodiscard]] std::vector<std::string> addresses(int number) const override {
    std::vector<std::string> result;
    const Json& previous = results_.at(static_cast<std::size_t>(number));
    if (!previous.is_object()) return result;
    for (const Json& ip : previous.value("ips", Json::array())) result.push_back(ip.at("address"));
    return result;
  }

 private:
  struct Call {
    const char* verb;
    int number;
    bool has_netns = true;
  };

  // Calls one plugin of an operation. Returns false if it fails.
  bool call(Launcher& launcher, Operation& operation, const Call& call, const Json& config) {
    const std::string id = container_id(call.number);
    const std::vector<std::string> environment{"CNI_COMMAND=" + std::string(call.verb),
                                               "CNI_CONTAINERID=" + id,
                                               "CNI_NETNS=" + (call.has_netns ? "/run/netns/" + id : ""),
                                               "CNI_IFNAME=eth0",
                                               "CNI_ARGS=",
                                               "CNI_PATH=" + side_.folder,
                                               "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    const std::string plugin = config.at("type");
    Launched launched = launcher.run({side_.folder + "/" + plugin}, environment, config.dump());
    operation.ms += launched.ms;
    operation.cpu_ms += launched.cpu_ms;
    operation.left_ms += launched.left_ms;
    operation.peak_rss = std::max(operation.peak_rss, launched.peak_rss);
    out_ = launched.out;
    if (launched.exit_code == 0) return true;
    if (operation.failure.empty())
      operation.failure = plugin + " " + call.verb + " " + id + ": " + launched.out + launched.err;
    return false;
  }

  Operation add(Launcher& launcher, int number) {
    Operation operation;
    Json& result = results_.at(static_cast<std::size_t>(number));
    if (!call(launcher, operation, {"ADD", number}, network_config(side_, scene_))) return operation;
    result = Json::parse(out_);
    if (scene_.ports == 0) return operation;
    Json portmap = portmap_config(side_, scene_, number);
    portmap["prevResult"] = result;
    if (call(launcher, operation, {"ADD", number}, portmap)) result = Json::parse(out_);
    return operation;
  }

  Operation remove(Launcher& launcher, bool is_repeated, int number) {
    Operation operation;
    Json& result = results_.at(static_cast<std::size_t>(number));
    Json portmap = portmap_config(side_, scene_, number);
    Json network = network_config(side_, scene_);
    if (!is_repeated && result.is_object()) portmap["prevResult"] = network["prevResult"] = result;
    if (scene_.ports > 0) call(launcher, operation, {"DEL", number, !is_repeated}, portmap);
    call(launcher, operation, {"DEL", number, !is_repeated}, network);
    result = nullptr;  // a runtime deletes the result with the first DEL
    return operation;
  }

  Side side_;
  Scene scene_;
  std::vector<Json> results_;            // by number; a runtime's cache
  static thread_local std::string out_;  // output of the last plugin
};

thread_local std::string PluginChain::out_;

}  // namespace

std::string container_id(int number) { return "c" + std::to_string(number); }

int host_port(const Scene& scene, int number) {
  constexpr int kFirst = 10000;
  return kFirst + scene.ports * number;
}

std::unique_ptr<Chain> plugin_chain(const Side& side, const Scene& scene, int count) {
  return std::make_unique<PluginChain>(side, scene, count);
}

}  // namespace bench
