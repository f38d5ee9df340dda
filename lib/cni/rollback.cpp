// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/rollback.h"

#include <exception>

#include "lib/log/log.h"

namespace cni {

Rollback::~Rollback() {
  while (!steps_.empty()) {
    const Step step = std::move(steps_.back());
    steps_.pop_back();
    try {
      step.undo();
    } catch (const std::exception& error) {
      logging::warn("after a failed ADD, could not " + step.what + ": " + error.what());
    }
  }
}

void Rollback::add(std::string what, std::function<void()> undo) {
  steps_.push_back({std::move(what), std::move(undo)});
}

}  // namespace cni
