// SPDX-License-Identifier: Apache-2.0
// What a failed ADD must undo. Each step's undoing is registered before the step is taken, and they run in reverse order.
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

  // Undoes everything that was not dismissed, going on past failures, which are logged: the error that is on its way to
  // the caller says why ADD failed, and what could not be undone must not hide it.
  ~Rollback();

  // what: an infinitive for the log, "remove the port". undo may throw.
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
