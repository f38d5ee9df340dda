// SPDX-License-Identifier: Apache-2.0
#include "lib/os/detached.h"

#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "lib/os/error.h"

namespace os {
namespace {

// The result of the work, which the child sends in one message.
struct Report {
  std::int32_t error = 0;  // an errno value; 0: success
  std::array<char, 500> what{};
};

Report report_of(const std::function<void()>& work) noexcept {
  Report report;
  try {
    work();
  } catch (const std::system_error& error) {
    report.error = error.code().value() != 0 ? error.code().value() : EIO;
    // what() ends in the text of the error. The parent's exception appends it again.
    std::string_view what = error.what();
    const std::string words = ": " + error.code().message();
    if (what.ends_with(words)) what.remove_suffix(words.size());
    what.copy(report.what.data(), report.what.size() - 1);
  } catch (const std::exception& error) {
    report.error = EIO;
    std::string_view(error.what()).copy(report.what.data(), report.what.size() - 1);
  }
  return report;
}

// Closes the open descriptors from `first` to `last`. Uses /proc if close_range(2) is unknown (before Linux 5.9) or
// filtered.
void close_from(unsigned first, unsigned last) {
  if (::close_range(first, last, 0) == 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir("/proc/self/fd"), ::closedir);
  if (!open) return;
  while (const dirent* const entry = ::readdir(open.get())) {
    unsigned fd = ~0U;  // of . and ..
    const std::string_view name = entry->d_name;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd >= first && fd <= last && fd != ~0U && static_cast<int>(fd) != ::dirfd(open.get()))
      ::close(static_cast<int>(fd));
  }
}

void close_all_but(const std::vector<int>& keep) {  // in ascending order
  unsigned next = 0;
  for (const int fd : keep) {
    if (fd < 0) continue;
    if (static_cast<unsigned>(fd) > next) close_from(next, static_cast<unsigned>(fd) - 1);
    next = static_cast<unsigned>(fd) + 1;
  }
  close_from(next, ~0U);
}

// noexcept: the child must never return into its parent's code.
[[noreturn]] void live_as_child(const std::vector<int>& keep, int tie, const std::function<void()>& work) noexcept {
  close_all_but(keep);
  ::setsid();
  static_cast<void>(::chdir("/") != 0);  // on failure it keeps its working directory
  const Report report = report_of(work);
  static_cast<void>(::send(tie, &report, sizeof report, MSG_NOSIGNAL) < 0);  // the parent may be gone
  char nothing = 0;
  while (::recv(tie, &nothing, sizeof nothing, 0) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

}  // namespace

Detached::Detached(std::span<const int> keep, const std::function<void()>& work) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) throw last_error("socketpair");
  tie_ = Fd(ends[0]);
  const Fd child_end(ends[1]);
  std::vector<int> kept(keep.begin(), keep.end());
  kept.push_back(child_end.get());
  std::sort(kept.begin(), kept.end());
  const pid_t child = ::fork();
  if (child < 0) throw last_error("fork");
  if (child == 0) {
    tie_.reset();  // always, even if other descriptors stay open: with the parent's end open it would wait for itself
    live_as_child(kept, child_end.get(), work);
  }
}

void Detached::wait() {
  Report report;
  ssize_t count = 0;
  do {
    count = ::recv(tie_.get(), &report, sizeof report, 0);
  } while (count < 0 && errno == EINTR);
  if (count != sizeof report) throw error(EPIPE, "a child process ended before its work did");
  report.what.back() = '\0';
  if (report.error != 0) throw error(report.error, report.what.data());
}

}  // namespace os
