// SPDX-License-Identifier: Apache-2.0
#include "lib/os/process_tree.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "lib/os/waited_for.h"

namespace {

// The result of `ask` in the first process of a new pid namespace that still has our /proc; -1 if that is impossible.
template <class Ask>
int in_other_pid_namespace(const Ask& ask) {
  const pid_t outer = ::fork();
  if (outer == 0) {
    if (::unshare(CLONE_NEWPID) != 0) ::_exit(255);
    const pid_t inner = ::fork();
    if (inner == 0) ::_exit(ask() ? 1 : 0);
    int status = 0;
    ::waitpid(inner, &status, 0);
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 254);
  }
  int status = 0;
  ::waitpid(outer, &status, 0);
  return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("in another pid namespace, /proc is not used: neither to check nor to name processes") {
  CHECK(os::has_own_proc());
  const int answer = in_other_pid_namespace([] { return os::has_own_proc(); });
  if (answer < 0) {
    MESSAGE("SKIP: needs root to make a pid namespace");
    return;
  }
  CHECK(answer == 0);
  CHECK(in_other_pid_namespace([] { return os::process_text(1) == "process 1"; }) == 1);
}
