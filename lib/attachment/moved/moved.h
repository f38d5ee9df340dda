// SPDX-License-Identifier: Apache-2.0
// Moving a device of the host into a container and back.
//
// One message moves and renames a device, so udev on the host never sees the device under its name in the container,
// nor renames it meanwhile. A move deletes the device's addresses and routes.
#pragma once

#include <optional>
#include <vector>

#include "lib/attachment/moved/former.h"
#include "lib/cni/error.h"
#include "lib/cni/request.h"
#include "lib/net/prefix.h"
#include "lib/netlink/link.h"
#include "lib/os/lock.h"
#include "lib/plan/kernel.h"

namespace attachment {

// One process at a time moves devices. It is kept for the time of a move only.
os::NameLock lock_moves();

// Throws cni::Error with that code if the device is lo, or if the host needs it: for its default route, as a port, or
// below another link. is_forced: only for lo.
void check_unused(const netlink::Link& device, netlink::Socket& host, bool is_forced, cni::Code code);

// The one of several links with the same MAC address that is no VLAN, macvlan or other link on top of hardware. Throws
// cni::Error with their names if that is not exactly one.
netlink::Link only_hardware(std::vector<netlink::Link> links);

// Moves a device into the container.
class Moving {
 public:
  // The references must outlive it.
  Moving(plan::Kernel& kernel, const net::Owner& owner, netlink::Link device);

  // Marks the device, moves it and renames it to CNI_IFNAME. Returns it as it is in the container: down. Deletes marks
  // of earlier attachments.
  netlink::Link run();

  // The last step of ADD.
  void finish();

  // Undoes run(), also if it failed. Unlike DEL, it restores the addresses and the alias too.
  void revert();

 private:
  plan::Kernel& kernel_;
  const net::Owner& owner_;
  netlink::Link device_;                // on the host
  std::vector<net::Prefix> addresses_;  // on the host
};

// Throws cni::Error if the container has a finished attachment of this owner, or another link with its CNI_IFNAME.
void check_container(const std::vector<netlink::Link>& links, const net::Owner& owner, const std::string& netns);

// What DEL knows of a device without our marks.
struct Known {
  std::string device = {};           // its name on the host, by the configuration; "": unknown
  std::optional<net::Mac> mac = {};  // in the container, by prevResult; none: unknown
};

Known known_of(const cni::Request& request);  // also of a configuration that ADD would reject

// Returns the owner's device to the host with its name, MTU, MAC address and state, from the container if `kernel` has
// one, or if the kernel returned it to the host. Another link may have its name by now: then it gets a free name, with
// a warning, and keeps the mark with its former name.
//
// The result has the device's index on the host; nullopt if there was nothing to do.
std::optional<netlink::Link> move_out(plan::Kernel& kernel, const net::Owner& owner, const Known& known);

// The same for a marked device that is on the host already. device: as Known::device. The marks go last: if a step
// fails, they are left for the next call.
void restore(plan::Kernel& kernel, const netlink::Link& stranded, const std::string& device);

// GC: restores devices on the host whose attachments are abandoned.
void collect_moved(plan::Kernel& kernel, const cni::Request& request);

}  // namespace attachment
