#include "lib/cni/steps.h"

#include <exception>

namespace cni {

void Steps::run(const std::string& what, const std::function<void()>& step) {
  const auto keep = [&](const Error& error) {
    ++failures_;
    if (!first_) first_ = error;
    all_ += (all_.empty() ? "" : "; ") + what + ": " + error.msg();
  };
  try {
    step();
  } catch (const Error& error) {
    keep(error);
  } catch (const std::exception& error) {
    keep(Error(kInternal, error.what()));
  }
}

void Steps::finish() const {
  if (!first_) return;
  if (failures_ == 1) throw *first_;
  throw Error(first_->code(), all_, first_->details());
}

}  // namespace cni
