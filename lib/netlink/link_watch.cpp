#include "lib/netlink/link_watch.h"

#include <linux/rtnetlink.h>
#include <poll.h>

#include <cerrno>

#include "lib/os/error.h"

namespace netlink {

LinkWatch::LinkWatch() : socket_(NETLINK_ROUTE, RTMGRP_LINK) {}

bool LinkWatch::wait(const std::function<bool()>& is_so, std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!is_so()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{socket_.fd(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) {
      throw os::last_error("wait for a link");
    }
    if (waiting.revents == 0) continue;
    try {
      socket_.receive("hear of a link");  // what it says does not matter: is_so() looks for itself
    } catch (const std::system_error& error) {
      if (error.code().value() != ENOBUFS) throw;  // notices were lost: look again
    }
  }
  return true;
}

}  // namespace netlink
