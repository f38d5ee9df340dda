// SPDX-License-Identifier: Apache-2.0
// Steps that are all tried, whatever happens to the ones before: how DEL and GC work.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "lib/cni/error.h"

namespace cni {

class Steps {
 public:
  // Runs the step now and keeps what it throws. what: an infinitive for the message, "release the address".
  void run(const std::string& what, const std::function<void()>& step);

  // Throws when any step failed: the error of the one that failed if there is only one (its code and text unchanged, as a
  // delegate's must be), else the first one's code and the texts of all.
  void finish() const;

 private:
  std::optional<Error> first_;
  std::string all_;
  unsigned failures_ = 0;
};

}  // namespace cni
