// SPDX-License-Identifier: Apache-2.0
#include "tests/lib/ipam/traced.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>

namespace {

// Calls of the allocator and of sanitizers, which vary.
bool is_counted(long call) {
  constexpr std::array<long, 12> kOthers{SYS_brk,       SYS_mmap,         SYS_munmap,      SYS_mremap,
                                         SYS_madvise,   SYS_mprotect,     SYS_futex,       SYS_sigaltstack,
                                         SYS_getrandom, SYS_rt_sigaction, SYS_sched_yield, SYS_rt_sigprocmask};
  return std::find(kOthers.begin(), kOthers.end(), call) == kOthers.end();
}

[[noreturn]] void run_as_child(const std::function<void()>& work) {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(77);
  ::raise(SIGSTOP);
  try {
    work();
  } catch (const std::exception&) {
    ::_exit(1);
  }
  ::_exit(0);
}

// The number of the call that the child is about to make; -1 when it is on its way out of one.
long entered_call(pid_t child) {
  __ptrace_syscall_info info{};
  ::ptrace(PTRACE_GET_SYSCALL_INFO, child, reinterpret_cast<void*>(sizeof info), &info);
  return info.op == PTRACE_SYSCALL_INFO_ENTRY ? static_cast<long>(info.entry.nr) : -1;
}

}  // namespace

Traced trace(const std::function<void()>& work, std::size_t limit) {
  Traced traced;
  const pid_t child = ::fork();
  if (child == 0) run_as_child(work);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return {false, false, {}};
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  for (;;) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) break;
    const long call = WSTOPSIG(status) == (SIGTRAP | 0x80) ? entered_call(child) : -1;
    if (call < 0 || call == SYS_exit_group || !is_counted(call)) continue;
    if (traced.calls.size() == limit) ::kill(child, SIGKILL);
    traced.calls.push_back(call);
  }
  traced.has_ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return traced;
}
