// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/link_watch.h"

#include <linux/rtnetlink.h>
#include <poll.h>

#include <array>
#include <cerrno>

#include "lib/netlink/attributes.h"
#include "lib/netlink/datagram.h"
#include "lib/os/error.h"

namespace netlink {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_until(Clock::time_point end) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count());
}

// A port that leaves its bridge causes the same message, but in the bridge's family.
bool reports_deletion(std::span<const char> datagram, const net::IfName& name) {
  bool is_deleted = false;
  for_each_message(datagram, [&](const nlmsghdr* message) {
    if (message->nlmsg_type != RTM_DELLINK || header_of<ifinfomsg>(message).ifi_family != AF_UNSPEC) return;
    is_deleted = is_deleted || Attributes(message, sizeof(ifinfomsg)).text(IFLA_IFNAME) == name.text();
  });
  return is_deleted;
}

}  // namespace

LinkWatch::LinkWatch(unsigned groups) : socket_(NETLINK_ROUTE, groups) {}

bool LinkWatch::wait(const std::function<bool()>& is_so, std::chrono::milliseconds deadline, Socket* other) {
  const Clock::time_point end = Clock::now() + deadline;
  while (!is_so()) {
    const int left = milliseconds_until(end);
    if (left <= 0) return false;
    std::array<pollfd, 2> waiting{{{socket_.fd(), POLLIN, 0}, {other == nullptr ? -1 : other->fd(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), left) < 0 && errno != EINTR) {
      throw os::last_error("wait for a link");
    }
    try {  // their content does not matter: is_so() checks the state itself
      if (waiting[0].revents != 0) socket_.receive_pending("receive link notifications");
      if (waiting[1].revents != 0) other->receive_pending("receive notifications");
    } catch (const std::system_error& error) {
      if (error.code().value() != ENOBUFS) throw;  // notifications were lost: check again
    }
  }
  return true;
}

bool LinkWatch::wait_gone(const net::IfName& name, int otherwise, std::chrono::milliseconds deadline) {
  const Clock::time_point end = Clock::now() + deadline;
  for (int left = milliseconds_until(end); left > 0; left = milliseconds_until(end)) {
    std::array<pollfd, 2> waiting{{{socket_.fd(), POLLIN, 0}, {otherwise, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), left) < 0 && errno != EINTR)
      throw os::last_error("wait for a link's deletion");
    try {
      const bool is_ready = waiting[0].revents != 0;
      if (is_ready && reports_deletion(socket_.receive_pending("receive link notifications"), name)) return true;
    } catch (const std::system_error& error) {
      if (error.code().value() == ENOBUFS) return false;
      throw;
    }
    if (waiting[0].revents == 0 && waiting[1].revents != 0) return false;
  }
  return false;
}

}  // namespace netlink
