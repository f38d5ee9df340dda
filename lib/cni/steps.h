// SPDX-License-Identifier: Apache-2.0
// Runs all steps, even after failures: for DEL and GC.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "lib/cni/error.h"

namespace cni {

class Steps {
 public:
  // Runs the step and keeps its exception. what: an infinitive for the message, "release the address".
  void run(const std::string& what, const std::function<void()>& step);

  // Throws if a step failed. One failure: its error, unchanged, as a delegate's must be. More: the first code and all
  // texts.
  void finish() const;

 private:
  std::optional<Error> first_;
  std::string all_;
  unsigned failures_ = 0;
};

}  // namespace cni
