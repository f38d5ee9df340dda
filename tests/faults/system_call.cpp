// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/system_call.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace faults {
namespace {

struct Known {
  long number;
  const char* name;
  std::array<int, 4> errors = {};  // 0: no more
};

// Grouped by subject. Calls without errors are here for their names: a process can be killed after them.
constexpr std::array kTable{
    // sockets
    Known{SYS_socket, "socket", {ENOMEM, ENOBUFS, EMFILE, EACCES}},
    Known{SYS_socketpair, "socketpair", {ENOMEM, EMFILE}},
    Known{SYS_bind, "bind", {ENOMEM, EADDRINUSE, EACCES}},
    Known{SYS_listen, "listen", {EADDRINUSE}},
    Known{SYS_connect, "connect", {EAGAIN, EACCES, EINTR}},
    Known{SYS_accept, "accept", {EINTR, EMFILE, ENOMEM}},
    Known{SYS_accept4, "accept4", {EINTR, EMFILE, ENOMEM}},
    Known{SYS_getsockname, "getsockname", {ENOBUFS}},
    Known{SYS_getpeername, "getpeername", {ENOBUFS}},
    Known{SYS_setsockopt, "setsockopt", {ENOMEM, EPERM}},
    Known{SYS_getsockopt, "getsockopt", {ENOMEM}},
    Known{SYS_sendto, "sendto", {ENOMEM, ENOBUFS, EPERM, EINTR}},
    Known{SYS_sendmsg, "sendmsg", {ENOMEM, ENOBUFS, EPERM, EINTR}},
    Known{SYS_recvfrom, "recvfrom", {ENOMEM, EINTR}},
    Known{SYS_recvmsg, "recvmsg", {ENOMEM, ENOBUFS, EINTR}},
    Known{SYS_shutdown, "shutdown"},
    // files
    Known{SYS_open, "open", {EMFILE, ENOMEM, EACCES, EIO}},
    Known{SYS_openat, "openat", {EMFILE, ENOMEM, EACCES, EIO}},
    Known{SYS_read, "read", {EIO, EINTR}},
    Known{SYS_pread64, "pread64", {EIO, ENOMEM}},
    Known{SYS_readv, "readv", {EIO, EINTR}},
    Known{SYS_write, "write", {ENOSPC, EIO, EINTR}},
    Known{SYS_pwrite64, "pwrite64", {ENOSPC, EIO}},
    Known{SYS_writev, "writev", {ENOSPC, EIO}},
    Known{SYS_rename, "rename", {ENOSPC, EIO, EBUSY}},
    Known{SYS_renameat, "renameat", {ENOSPC, EIO, EBUSY}},
    Known{SYS_renameat2, "renameat2", {ENOSPC, EIO, EBUSY}},
    Known{SYS_link, "link", {ENOSPC, EIO}},
    Known{SYS_linkat, "linkat", {ENOSPC, EIO, ENOMEM}},
    Known{SYS_unlink, "unlink", {EIO, EBUSY, EACCES}},
    Known{SYS_unlinkat, "unlinkat", {EIO, EBUSY, EACCES}},
    Known{SYS_mkdir, "mkdir", {ENOSPC, EACCES, EIO}},
    Known{SYS_mkdirat, "mkdirat", {ENOSPC, EACCES, EIO}},
    Known{SYS_rmdir, "rmdir", {EBUSY, EIO}},
    Known{SYS_ftruncate, "ftruncate", {EIO, EINTR}},
    Known{SYS_fallocate, "fallocate", {ENOSPC, EINTR}},
    Known{SYS_fsync, "fsync", {EIO, ENOSPC}},
    Known{SYS_fsetxattr, "fsetxattr", {ENOSPC, EPERM, EIO}},
    Known{SYS_fgetxattr, "fgetxattr", {EIO, ENOMEM}},
    Known{SYS_fstat, "fstat", {EIO, ENOMEM}},
    Known{SYS_stat, "stat", {EACCES, EIO, ENOMEM}},
    Known{SYS_lstat, "lstat", {EACCES, EIO, ENOMEM}},
    Known{SYS_newfstatat, "newfstatat", {EACCES, EIO, ENOMEM}},
    Known{SYS_statx, "statx", {EACCES, EIO, ENOMEM}},
    Known{SYS_statfs, "statfs", {EIO, EACCES, ENOMEM}},
    Known{SYS_fstatfs, "fstatfs", {EIO, ENOMEM}},
    Known{SYS_access, "access", {EACCES, EIO}},
    Known{SYS_faccessat, "faccessat", {EACCES, EIO}},
    Known{SYS_faccessat2, "faccessat2", {EACCES, EIO}},
    Known{SYS_readlink, "readlink", {EACCES, ENOMEM}},
    Known{SYS_readlinkat, "readlinkat", {EACCES, ENOMEM}},
    Known{SYS_getdents64, "getdents64", {EIO, ENOMEM}},
    Known{SYS_utimensat, "utimensat", {EPERM, EIO}},
    Known{SYS_fchmod, "fchmod", {EPERM, EIO}},
    Known{SYS_fchown, "fchown", {EPERM, EIO}},
    Known{SYS_flock, "flock", {EINTR, ENOLCK}},
    Known{SYS_chdir, "chdir", {EACCES, ENOMEM}},
    Known{SYS_lseek, "lseek"},
    Known{SYS_fcntl, "fcntl", {EMFILE, ENOMEM}},
    Known{SYS_ioctl, "ioctl"},
    Known{SYS_close, "close", {EIO, EINTR}},
    Known{SYS_close_range, "close_range", {ENOSYS, EPERM}},
    Known{SYS_dup, "dup", {EMFILE}},
    Known{SYS_dup2, "dup2", {EBUSY, EINTR}},
    Known{SYS_dup3, "dup3", {EBUSY, EINTR}},
    Known{SYS_pipe, "pipe", {EMFILE, ENFILE}},
    Known{SYS_pipe2, "pipe2", {EMFILE, ENFILE}},
    Known{SYS_memfd_create, "memfd_create", {ENOMEM, EMFILE, ENFILE}},
    Known{SYS_poll, "poll", {EINTR, ENOMEM}},
    Known{SYS_ppoll, "ppoll", {EINTR, ENOMEM}},
    Known{SYS_eventfd2, "eventfd2", {EMFILE, ENOMEM}},
    Known{SYS_epoll_create1, "epoll_create1", {EMFILE, ENOMEM}},
    Known{SYS_epoll_ctl, "epoll_ctl", {ENOMEM, ENOSPC}},
    Known{SYS_epoll_pwait, "epoll_pwait", {EINTR}},
    Known{SYS_mount, "mount", {ENOMEM, EPERM}},
    // processes, memory, namespaces
    Known{SYS_setns, "setns", {ENOMEM, EPERM}},
    Known{SYS_unshare, "unshare", {ENOMEM, EPERM, ENOSPC}},
    Known{SYS_fork, "fork", {EAGAIN, ENOMEM}},
    Known{SYS_vfork, "vfork", {EAGAIN, ENOMEM}},
    Known{SYS_clone, "clone", {EAGAIN, ENOMEM}},
    Known{SYS_clone3, "clone3", {EAGAIN, ENOMEM}},
    Known{SYS_execve, "execve", {ENOMEM, EACCES, ETXTBSY, EIO}},
    Known{SYS_wait4, "wait4", {EINTR}},
    Known{SYS_waitid, "waitid", {EINTR}},
    Known{SYS_setsid, "setsid", {EPERM}},
    Known{SYS_mmap, "mmap", {ENOMEM, EAGAIN}},
    Known{SYS_munmap, "munmap", {ENOMEM}},
    Known{SYS_mremap, "mremap", {ENOMEM}},
    Known{SYS_mprotect, "mprotect", {ENOMEM}},
    Known{SYS_brk, "brk", {ENOMEM}},
    Known{SYS_madvise, "madvise"},
    Known{SYS_futex, "futex"},
    Known{SYS_getrandom, "getrandom", {EINTR, ENOSYS}},
    Known{SYS_prlimit64, "prlimit64", {EPERM}},
    Known{SYS_clock_nanosleep, "clock_nanosleep", {EINTR}},
    Known{SYS_nanosleep, "nanosleep", {EINTR}},
    Known{SYS_capget, "capget"},
    Known{SYS_prctl, "prctl"},
    Known{SYS_kill, "kill"},
    Known{SYS_tgkill, "tgkill"},
    Known{SYS_rt_sigaction, "rt_sigaction"},
    Known{SYS_rt_sigprocmask, "rt_sigprocmask"},
    Known{SYS_rt_sigreturn, "rt_sigreturn"},
    Known{SYS_sigaltstack, "sigaltstack"},
    Known{SYS_arch_prctl, "arch_prctl"},
    Known{SYS_set_tid_address, "set_tid_address"},
    Known{SYS_set_robust_list, "set_robust_list"},
    Known{SYS_rseq, "rseq"},
    Known{SYS_sched_getaffinity, "sched_getaffinity"},
    Known{SYS_sched_yield, "sched_yield"},
    Known{SYS_getpid, "getpid"},
    Known{SYS_gettid, "gettid"},
    Known{SYS_getppid, "getppid"},
    Known{SYS_getuid, "getuid"},
    Known{SYS_geteuid, "geteuid"},
    Known{SYS_getgid, "getgid"},
    Known{SYS_getegid, "getegid"},
    Known{SYS_uname, "uname"},
    Known{SYS_getcwd, "getcwd"},
    Known{SYS_clock_gettime, "clock_gettime"},
    Known{SYS_exit, "exit"},
    Known{SYS_exit_group, "exit_group"},
};

const Known* find(long number) {
  const auto* found =
      std::find_if(kTable.begin(), kTable.end(), [&](const Known& one) { return one.number == number; });
  return found == kTable.end() ? nullptr : found;
}

// Some calls can only fail with certain arguments.
bool can_fail(const SystemCall& call) {
  const auto flags = static_cast<int>(call.arguments[1]);
  if (call.number == SYS_fcntl) return flags == F_DUPFD || flags == F_DUPFD_CLOEXEC;
  if (call.number == SYS_brk) return call.arguments[0] != 0;  // brk(0) returns the current break
  return true;
}

// Does the call create a file? Only then can open(2) fail with ENOSPC.
bool makes_file(const SystemCall& call) {
  const std::uint64_t flags = call.number == SYS_open ? call.arguments[1] : call.arguments[2];
  if (call.number != SYS_open && call.number != SYS_openat) return false;
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

}  // namespace

std::string name_of(long number) {
  const Known* known = find(number);
  return known == nullptr ? "call" + std::to_string(number) : known->name;
}

std::vector<int> errors_of(const SystemCall& call) {
  const Known* known = find(call.number);
  if (known == nullptr || !can_fail(call)) return {};
  std::vector<int> errors;
  std::copy_if(known->errors.begin(), known->errors.end(), std::back_inserter(errors),
               [](int error) { return error != 0; });
  if (makes_file(call)) errors.push_back(ENOSPC);
  return errors;
}

bool is_done_despite_error(long number) { return number == SYS_close; }

std::string error_name(int error) {
  const char* name = ::strerrorname_np(error);
  return name == nullptr ? std::to_string(error) : name;
}

int parse_error_name(std::string_view name) {
  constexpr int kLast = 133;
  for (int error = 1; error <= kLast; ++error) {
    if (error_name(error) == name) return error;
  }
  return 0;
}

}  // namespace faults
