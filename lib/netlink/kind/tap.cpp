// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/tap.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "lib/netlink/attributes.h"
#include "lib/netlink/kind/new_link.h"
#include "lib/os/detached.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace netlink {
namespace {

constexpr std::uint32_t kNobody = 0xffffffff;  // no owner, no group (INVALID_UID)

os::Fd open_device() { return os::open_file("/dev/net/tun", O_RDWR); }

void create(const net::IfName& name, const Tap& tap) {
  const os::Fd device = open_device();
  ifreq wanted{};
  name.text().copy(&wanted.ifr_name[0], IFNAMSIZ - 1);
  const unsigned queues = tap.multi_queue ? IFF_MULTI_QUEUE : 0;
  wanted.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | queues);
  const auto set = [&](unsigned long call, unsigned long value, const char* what) {
    if (::ioctl(device.get(), call, value) != 0) throw os::last_error("failed to create tap: " + name.text() + what);
  };
  set(TUNSETIFF, reinterpret_cast<unsigned long>(&wanted), "");
  if (tap.owner) set(TUNSETOWNER, *tap.owner, ": set the owner");
  if (tap.group) set(TUNSETGROUP, *tap.group, ": set the group");
  set(TUNSETPERSIST, 1, ": make it persistent");
}

void require_selinux() {
  if (::access("/sys/fs/selinux/enforce", F_OK) == 0) return;
  throw os::error(ENOTSUP, "failed set socket label: selinuxContext: this host does not use SELinux");
}

// As setcon(3).
void become(const std::string& selinux_context) {
  const os::Fd label = os::open_file("/proc/thread-self/attr/current", O_WRONLY);
  os::write_all(label.get(), selinux_context, "failed set socket label: SELinux context " + selinux_context);
}

}  // namespace

void create_tap(const net::IfName& name, const Tap& tap, const std::string& selinux_context) {
  if (selinux_context.empty()) return create(name, tap);
  require_selinux();
  os::Detached child({}, [&] {  // it cannot return to the caller's context
    become(selinux_context);
    create(name, tap);
  });
  child.wait();
}

void check_tap_host(const std::string& selinux_context) {
  open_device();
  if (!selinux_context.empty()) require_selinux();
}

void put_data(Message& /*message*/, const Tap& /*tap*/, const NewLink& /*link*/) {}

std::string text(const Tap& /*tap*/, const NewLink& /*link*/) { return " mode tap"; }

std::string failure(const Tap& /*tap*/, const NewLink& /*link*/) { return "failed to create tap"; }

Tap parse_tap(const Link& link) {
  const Attributes data = Attributes::of_bytes(link.data);
  Tap tap{.multi_queue = data.u8(IFLA_TUN_MULTI_QUEUE).value_or(0) != 0};
  if (const auto owner = data.u32(IFLA_TUN_OWNER).value_or(kNobody); owner != kNobody) tap.owner = owner;
  if (const auto group = data.u32(IFLA_TUN_GROUP).value_or(kNobody); group != kNobody) tap.group = group;
  return tap;
}

}  // namespace netlink
