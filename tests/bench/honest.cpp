#include "tests/bench/honest.h"

#include "tests/bench/worker.h"

namespace bench {
namespace {

std::string state_left_by(const Side& side, const Scene& scene, const std::string& store) {
  Worker worker(side, scene, store);
  const Turn turn = worker.run("ADD", 0, 1);
  if (turn.operations.at(0).is_failed()) return turn.operations.at(0).failure;
  return worker.snapshot();
}

}  // namespace

std::string compare_floor(const Side& ours, const Side& floor, const std::string& store) {
  Scene scene;
  scene.name = "honest";
  scene.is_dual_stack = true;
  scene.ports = 3;
  scene.calls = 1;
  return test::difference(state_left_by(ours, scene, store + "/ours"), state_left_by(floor, scene, store + "/floor"));
}

}  // namespace bench
