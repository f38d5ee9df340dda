#include "tests/faults/system_call.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace faults {
namespace {

struct Known {
  long number;
  const char* name;
  std::vector<int> errors = {};
};

// Sorted by what they are about. Those without errors are there for their names: a process can be killed after them, too.
const std::vector<Known>& table() {
  static const std::vector<Known> known{
      // sockets
      {SYS_socket, "socket", {ENOMEM, ENOBUFS, EMFILE, EACCES}},
      {SYS_socketpair, "socketpair", {ENOMEM, EMFILE}},
      {SYS_bind, "bind", {ENOMEM, EADDRINUSE, EACCES}},
      {SYS_listen, "listen", {EADDRINUSE}},
      {SYS_connect, "connect", {EAGAIN, EACCES, EINTR}},
      {SYS_accept, "accept", {EINTR, EMFILE, ENOMEM}},
      {SYS_accept4, "accept4", {EINTR, EMFILE, ENOMEM}},
      {SYS_getsockname, "getsockname", {ENOBUFS}},
      {SYS_getpeername, "getpeername", {ENOBUFS}},
      {SYS_setsockopt, "setsockopt", {ENOMEM, EPERM}},
      {SYS_getsockopt, "getsockopt", {ENOMEM}},
      {SYS_sendto, "sendto", {ENOMEM, ENOBUFS, EPERM, EINTR}},
      {SYS_sendmsg, "sendmsg", {ENOMEM, ENOBUFS, EPERM, EINTR}},
      {SYS_recvfrom, "recvfrom", {ENOMEM, EINTR}},
      {SYS_recvmsg, "recvmsg", {ENOMEM, ENOBUFS, EINTR}},
      {SYS_shutdown, "shutdown"},
      // files
      {SYS_open, "open", {EMFILE, ENOMEM, EACCES, EIO}},
      {SYS_openat, "openat", {EMFILE, ENOMEM, EACCES, EIO}},
      {SYS_read, "read", {EIO, EINTR}},
      {SYS_pread64, "pread64", {EIO, ENOMEM}},
      {SYS_readv, "readv", {EIO, EINTR}},
      {SYS_write, "write", {ENOSPC, EIO, EINTR}},
      {SYS_pwrite64, "pwrite64", {ENOSPC, EIO}},
      {SYS_writev, "writev", {ENOSPC, EIO}},
      {SYS_rename, "rename", {ENOSPC, EIO, EBUSY}},
      {SYS_renameat, "renameat", {ENOSPC, EIO, EBUSY}},
      {SYS_renameat2, "renameat2", {ENOSPC, EIO, EBUSY}},
      {SYS_link, "link", {ENOSPC, EIO}},
      {SYS_linkat, "linkat", {ENOSPC, EIO, ENOMEM}},
      {SYS_unlink, "unlink", {EIO, EBUSY, EACCES}},
      {SYS_unlinkat, "unlinkat", {EIO, EBUSY, EACCES}},
      {SYS_mkdir, "mkdir", {ENOSPC, EACCES, EIO}},
      {SYS_mkdirat, "mkdirat", {ENOSPC, EACCES, EIO}},
      {SYS_rmdir, "rmdir", {EBUSY, EIO}},
      {SYS_ftruncate, "ftruncate", {EIO, EINTR}},
      {SYS_fallocate, "fallocate", {ENOSPC, EINTR}},
      {SYS_fsync, "fsync", {EIO, ENOSPC}},
      {SYS_fsetxattr, "fsetxattr", {ENOSPC, EPERM, EIO}},
      {SYS_fgetxattr, "fgetxattr", {EIO, ENOMEM}},
      {SYS_fstat, "fstat", {EIO, ENOMEM}},
      {SYS_stat, "stat", {EACCES, EIO, ENOMEM}},
      {SYS_lstat, "lstat", {EACCES, EIO, ENOMEM}},
      {SYS_newfstatat, "newfstatat", {EACCES, EIO, ENOMEM}},
      {SYS_statx, "statx", {EACCES, EIO, ENOMEM}},
      {SYS_statfs, "statfs", {EIO, EACCES, ENOMEM}},
      {SYS_fstatfs, "fstatfs", {EIO, ENOMEM}},
      {SYS_access, "access", {EACCES, EIO}},
      {SYS_faccessat, "faccessat", {EACCES, EIO}},
      {SYS_faccessat2, "faccessat2", {EACCES, EIO}},
      {SYS_readlink, "readlink", {EACCES, ENOMEM}},
      {SYS_readlinkat, "readlinkat", {EACCES, ENOMEM}},
      {SYS_getdents64, "getdents64", {EIO, ENOMEM}},
      {SYS_utimensat, "utimensat", {EPERM, EIO}},
      {SYS_fchmod, "fchmod", {EPERM, EIO}},
      {SYS_fchown, "fchown", {EPERM, EIO}},
      {SYS_flock, "flock", {EINTR, ENOLCK}},
      {SYS_chdir, "chdir", {EACCES, ENOMEM}},
      {SYS_lseek, "lseek"},
      {SYS_fcntl, "fcntl", {EMFILE, ENOMEM}},
      {SYS_ioctl, "ioctl"},
      {SYS_close, "close", {EIO, EINTR}},
      {SYS_close_range, "close_range", {ENOSYS, EPERM}},
      {SYS_dup, "dup", {EMFILE}},
      {SYS_dup2, "dup2", {EBUSY, EINTR}},
      {SYS_dup3, "dup3", {EBUSY, EINTR}},
      {SYS_pipe, "pipe", {EMFILE, ENFILE}},
      {SYS_pipe2, "pipe2", {EMFILE, ENFILE}},
      {SYS_memfd_create, "memfd_create", {ENOMEM, EMFILE, ENFILE}},
      {SYS_poll, "poll", {EINTR, ENOMEM}},
      {SYS_ppoll, "ppoll", {EINTR, ENOMEM}},
      {SYS_eventfd2, "eventfd2", {EMFILE, ENOMEM}},
      {SYS_epoll_create1, "epoll_create1", {EMFILE, ENOMEM}},
      {SYS_epoll_ctl, "epoll_ctl", {ENOMEM, ENOSPC}},
      {SYS_epoll_pwait, "epoll_pwait", {EINTR}},
      {SYS_mount, "mount", {ENOMEM, EPERM}},
      // processes, memory, namespaces
      {SYS_setns, "setns", {ENOMEM, EPERM}},
      {SYS_unshare, "unshare", {ENOMEM, EPERM, ENOSPC}},
      {SYS_fork, "fork", {EAGAIN, ENOMEM}},
      {SYS_vfork, "vfork", {EAGAIN, ENOMEM}},
      {SYS_clone, "clone", {EAGAIN, ENOMEM}},
      {SYS_clone3, "clone3", {EAGAIN, ENOMEM}},
      {SYS_execve, "execve", {ENOMEM, EACCES, ETXTBSY, EIO}},
      {SYS_wait4, "wait4", {EINTR}},
      {SYS_waitid, "waitid", {EINTR}},
      {SYS_setsid, "setsid", {EPERM}},
      {SYS_mmap, "mmap", {ENOMEM, EAGAIN}},
      {SYS_munmap, "munmap", {ENOMEM}},
      {SYS_mremap, "mremap", {ENOMEM}},
      {SYS_mprotect, "mprotect", {ENOMEM}},
      {SYS_brk, "brk", {ENOMEM}},
      {SYS_madvise, "madvise"},
      {SYS_futex, "futex"},
      {SYS_getrandom, "getrandom", {EINTR, ENOSYS}},
      {SYS_prlimit64, "prlimit64", {EPERM}},
      {SYS_clock_nanosleep, "clock_nanosleep", {EINTR}},
      {SYS_nanosleep, "nanosleep", {EINTR}},
      {SYS_capget, "capget"},
      {SYS_prctl, "prctl"},
      {SYS_kill, "kill"},
      {SYS_tgkill, "tgkill"},
      {SYS_rt_sigaction, "rt_sigaction"},
      {SYS_rt_sigprocmask, "rt_sigprocmask"},
      {SYS_rt_sigreturn, "rt_sigreturn"},
      {SYS_sigaltstack, "sigaltstack"},
      {SYS_arch_prctl, "arch_prctl"},
      {SYS_set_tid_address, "set_tid_address"},
      {SYS_set_robust_list, "set_robust_list"},
      {SYS_rseq, "rseq"},
      {SYS_sched_getaffinity, "sched_getaffinity"},
      {SYS_sched_yield, "sched_yield"},
      {SYS_getpid, "getpid"},
      {SYS_gettid, "gettid"},
      {SYS_getppid, "getppid"},
      {SYS_getuid, "getuid"},
      {SYS_geteuid, "geteuid"},
      {SYS_getgid, "getgid"},
      {SYS_getegid, "getegid"},
      {SYS_uname, "uname"},
      {SYS_getcwd, "getcwd"},
      {SYS_clock_gettime, "clock_gettime"},
      {SYS_exit, "exit"},
      {SYS_exit_group, "exit_group"},
  };
  return known;
}

const Known* find(long number) {
  const auto& all = table();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Known& one) { return one.number == number; });
  return found == all.end() ? nullptr : &*found;
}

// Calls of which only some kinds can fail.
bool can_fail(const SystemCall& call) {
  const auto flags = static_cast<int>(call.arguments[1]);
  if (call.number == SYS_fcntl) return flags == F_DUPFD || flags == F_DUPFD_CLOEXEC;
  if (call.number == SYS_brk) return call.arguments[0] != 0;  // brk(0) asks where the break is
  return true;
}

// What can only happen to a call that makes a file.
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
  std::vector<int> errors = known->errors;
  if (makes_file(call)) errors.push_back(ENOSPC);
  return errors;
}

bool is_done_nevertheless(long number) { return number == SYS_close; }

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
