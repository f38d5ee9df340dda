// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/steps.h"

#include <exception>

namespace cni {

void Steps::run(const std::string& what, const std::function<void()>& step) {
  try {
    step();
  } catch (const std::exception& failed) {
    const Error error = as_error(failed);
    ++failures_;
    if (!first_) first_ = error;
    all_ += (all_.empty() ? "" : "; ") + what + ": " + error.msg();
  }
}

void Steps::finish() const {
  if (!first_) return;
  if (failures_ == 1) throw *first_;
  throw Error(first_->code(), all_, first_->details());
}

}  // namespace cni
