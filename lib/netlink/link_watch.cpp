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

// A port that leaves its bridge is told of by the same message, in the bridge's family.
bool tells_gone(std::span<const char> datagram, const net::IfName& name) {
  bool is_told = false;
  for_each_message(datagram, [&](const nlmsghdr* message) {
    if (message->nlmsg_type != RTM_DELLINK || header_of<ifinfomsg>(message).ifi_family != AF_UNSPEC) return;
    is_told = is_told || Attributes(message, sizeof(ifinfomsg)).text(IFLA_IFNAME) == name.text();
  });
  return is_told;
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
    try {  // what they say does not matter: is_so() looks for itself
      if (waiting[0].revents != 0) socket_.receive_what_is_there("hear of a link");
      if (waiting[1].revents != 0) other->receive_what_is_there("hear of a change");
    } catch (const std::system_error& error) {
      if (error.code().value() != ENOBUFS) throw;  // notices were lost: look again
    }
  }
  return true;
}

bool LinkWatch::wait_gone(const net::IfName& name, int otherwise, std::chrono::milliseconds deadline) {
  const Clock::time_point end = Clock::now() + deadline;
  for (int left = milliseconds_until(end); left > 0; left = milliseconds_until(end)) {
    std::array<pollfd, 2> waiting{{{socket_.fd(), POLLIN, 0}, {otherwise, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), left) < 0 && errno != EINTR)
      throw os::last_error("wait for a link to go");
    try {
      if (waiting[0].revents != 0 && tells_gone(socket_.receive_what_is_there("hear of a link"), name)) return true;
    } catch (const std::system_error& error) {
      if (error.code().value() == ENOBUFS) return false;
      throw;
    }
    if (waiting[0].revents == 0 && waiting[1].revents != 0) return false;
  }
  return false;
}

}  // namespace netlink
