// SPDX-License-Identifier: Apache-2.0
// Undoes the steps of a failed ADD, in reverse order. The undoing of a step is registered before the step.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace cni {

class Rollback {
 public:
  Rollback() = default;
  Rollback(const Rollback&) = delete;
  Rollback& operator=(const Rollback&) = delete;
  Rollback(Rollback&&) = delete;
  Rollback& operator=(Rollback&&) = delete;

  // Undoes all steps unless they were dismissed. Continues after failures, which are logged only: the caller gets the
  // error of ADD.
  ~Rollback();

  // what: an infinitive for the log, "delete the port". undo may throw.
  void add(std::string what, std::function<void()> undo);

  // ADD has succeeded: nothing is undone.
  void dismiss() { steps_.clear(); }

 private:
  struct Step {
    std::string what;
    std::function<void()> undo;
  };
  std::vector<Step> steps_;
};

}  // namespace cni
