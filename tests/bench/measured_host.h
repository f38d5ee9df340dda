// SPDX-License-Identifier: Apache-2.0
// A worker's host, prepared for a scene, with the launchers and the chain of its side.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/chain.h"
#include "tests/bench/leftovers.h"
#include "tests/bench/worker.h"
#include "tests/netns/host.h"

namespace bench {

class MeasuredHost {
 public:
  MeasuredHost(const Side& side, const Scene& scene, const std::string& store);
  ~MeasuredHost();
  MeasuredHost(const MeasuredHost&) = delete;
  MeasuredHost& operator=(const MeasuredHost&) = delete;
  MeasuredHost(MeasuredHost&&) = delete;
  MeasuredHost& operator=(MeasuredHost&&) = delete;

  Turn run(const std::string& verb, int from, int to);
  [[nodiscard]] std::string duplicates() const;
  std::string leftovers();
  [[nodiscard]] std::string snapshot() const;

 private:
  void prepare(const Side& side);
  double drain();

  Scene scene_;
  int calls_;
  test::Host host_;
  std::vector<std::unique_ptr<Launcher>> launchers_;  // one per concurrent call
  std::unique_ptr<Chain> chain_;                      // attachment 0 is not measured
  Holdings before_;
};

}  // namespace bench
