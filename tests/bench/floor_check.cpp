// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/floor_check.h"

#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/bench/worker.h"

namespace bench {
namespace {

constexpr auto kTimeout = std::chrono::seconds(5);
constexpr auto kPause = std::chrono::milliseconds(50);

void attach_first(Worker& worker) {
  const Turn turn = worker.run("ADD", 0, 1);
  if (turn.operations.at(0).is_failed()) throw std::runtime_error(turn.operations.at(0).failure);
}

}  // namespace

std::string compare_floor(const Side& ours, const Side& floor, const std::string& plugin, const std::string& store) {
  Scene scene;
  scene.name = "floor-check";
  scene.is_dual_stack = true;
  scene.plugin = plugin;
  scene.ports = scene.is_on_lan() ? 0 : 3;
  scene.calls = 1;
  if (!scene.left_out(floor).empty()) return {};
  Worker plugins(ours, scene, store + "/ours");
  Worker program(floor, scene, store + "/floor");
  attach_first(plugins);
  attach_first(program);
  // The kernel sets a new port to forwarding some time after its other end is up; our ADD waits for it.
  const auto deadline = std::chrono::steady_clock::now() + kTimeout;
  for (;;) {
    const std::string difference = test::difference(plugins.snapshot(), program.snapshot());
    if (difference.empty() || std::chrono::steady_clock::now() > deadline) return difference;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace bench
