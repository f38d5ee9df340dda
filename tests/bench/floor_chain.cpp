// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "lib/net/owner.h"
#include "tests/bench/chain.h"

namespace bench {
namespace {

class FloorChain : public Chain {
 public:
  FloorChain(const test::Host& host, Scene scene, int count)
      : scene_(std::move(scene)),
        link_(host.ip(scene_.is_on_lan() ? "link show lan0" : "link show cni0").at(0).at("ifindex").get<int>()),
        is_added_(static_cast<std::size_t>(count)) {}

  Operation run(Launcher& launcher, const std::string& verb, int number) override {
    const Launched launched = launcher.run(arguments(verb, number), {}, {});
    Operation operation{launched.ms, launched.cpu_ms, launched.left_ms, launched.peak_rss};
    if (launched.exit_code != 0) operation.failure = "bench_floor " + verb + ": " + launched.err;
    if (launched.exit_code == 0) is_added_.at(static_cast<std::size_t>(number)) = verb == "ADD";
    return operation;
  }

  [[nodiscard]] std::vector<std::string> addresses(int number) const override {
    if (is_added_.at(static_cast<std::size_t>(number)) == 0) return {};
    std::vector<std::string> result{address(number)};
    if (scene_.is_dual_stack) result.push_back(address6(number));
    return result;
  }

 private:
  static constexpr int kFirst = 16;  // after the addresses that plugins got while the host was prepared
  static std::string address(int number) {
    return fmt::format("10.1.{}.{}/16", (number + kFirst) / 256, (number + kFirst) % 256);
  }
  static std::string address6(int number) { return fmt::format("fd00:10:1::{:x}/64", number + kFirst); }

  std::vector<std::string> arguments(const std::string& verb, int number) const {
    const std::string id = container_id(number);
    std::vector<std::string> result{own_folder() + "/bench_floor",
                                    verb == kDelWaiting ? "DEL-WAIT" : verb,
                                    "/run/netns/" + id,
                                    id,
                                    net::Owner{kNetwork, id, "eth0"}.host_end().text(),
                                    scene_.plugin,
                                    std::to_string(link_),
                                    kStore,
                                    std::to_string(host_port(scene_, number)),
                                    std::to_string(scene_.ports),
                                    address(number),
                                    "10.1.0.1"};
    if (scene_.is_dual_stack) result.insert(result.end(), {address6(number), "fd00:10:1::1"});
    return result;
  }

  Scene scene_;
  int link_;                    // index of the bridge, or of the parent
  std::vector<char> is_added_;  // by number
};

}  // namespace

std::unique_ptr<Chain> floor_chain(const test::Host& host, const Scene& scene, int count) {
  return std::make_unique<FloorChain>(host, scene, count);
}

}  // namespace bench
