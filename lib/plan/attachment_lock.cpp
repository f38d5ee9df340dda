#include "lib/plan/attachment_lock.h"

#include <chrono>

namespace plan {

// The host end's name stands for the owner: an owner's own text may be too long for a socket's name.
AttachmentLock::AttachmentLock(const net::Owner& owner)
    : lock_("footbridge/" + owner.host_end().text(), std::chrono::minutes(1)) {}

}  // namespace plan
