#include "lib/plan/attachment_lock.h"

#include <cerrno>
#include <chrono>
#include <system_error>

namespace plan {
namespace {

// The host end's name stands for the owner: an owner's own text may be too long for a socket's name.
std::string name_of(const net::Owner& owner) { return "footbridge/" + owner.host_end().text(); }

}  // namespace

AttachmentLock::AttachmentLock(const net::Owner& owner) : lock_(name_of(owner), std::chrono::minutes(1)) {}

bool AttachmentLock::is_held(const net::Owner& owner) {
  try {
    const os::NameLock lock(name_of(owner), std::chrono::milliseconds(0));
    return false;
  } catch (const std::system_error& error) {
    if (error.code().value() != ETIMEDOUT) throw;
    return true;
  }
}

}  // namespace plan
