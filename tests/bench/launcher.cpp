// SPDX-License-Identifier: Apache-2.0
// bench_launcher: runs programs for bench_calls one after the other and measures them (launcher.h). Ends when its
// socket is closed.
#include "tests/bench/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

using bench::LaunchReply;
using bench::LaunchRequest;

constexpr int kMostStrings = 64;
constexpr std::size_t kOutput = 48U << 10U;  // kept bytes of a stream

char request_bytes[bench::kLargest];
char reply_bytes[sizeof(LaunchReply) + 2 * kOutput];
char streams[2][kOutput];

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "bench_launcher: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec;
}

std::int64_t cpu_of(const rusage& usage) {
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

// Processes that were left behind become our children (PR_SET_CHILD_SUBREAPER).
std::int64_t reap_left(bool until_all_ended) {
  std::int64_t cpu = 0;
  rusage usage{};
  while (::wait4(-1, nullptr, until_all_ended ? 0 : WNOHANG, &usage) > 0) cpu += cpu_of(usage);
  return cpu;
}

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    ::close(read);
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_write() {
    if (write >= 0) ::close(write);
    write = -1;
  }
};

// Reads both streams to their ends; drops what exceeds kOutput.
void read_streams(int out, int err, LaunchReply& reply) {
  pollfd waiting[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
  std::uint32_t* lengths[2] = {&reply.out, &reply.err};
  static char dropped[4096];
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) fail("poll");
    for (int i = 0; i < 2; ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      const std::size_t left = kOutput - *lengths[i];
      const ssize_t got = left == 0 ? ::read(waiting[i].fd, dropped, sizeof dropped)
                                    : ::read(waiting[i].fd, streams[i] + *lengths[i], left);
      if (got <= 0) waiting[i].fd = -1;
      if (got > 0 && left > 0) *lengths[i] += static_cast<std::uint32_t>(got);
    }
  }
}

void launch(char** arguments, char** environment, const char* input, std::size_t size, LaunchReply& reply) {
  const std::int64_t begin = now();
  Pipe in;
  Pipe out;
  Pipe err;
  if (size > 0 && ::write(in.write, input, size) != static_cast<ssize_t>(size)) fail("write stdin to a pipe");
  const pid_t child = ::vfork();
  if (child == 0) {
    ::dup2(in.read, 0);
    ::dup2(out.write, 1);
    ::dup2(err.write, 2);
    ::execve(arguments[0], arguments, environment);
    ::_exit(127);
  }
  if (child < 0) fail("vfork");
  in.close_write();
  out.close_write();
  err.close_write();
  read_streams(out.read, err.read, reply);
  rusage usage{};
  while (::wait4(child, &reply.status, 0, &usage) < 0) {
    if (errno != EINTR) fail("wait4");
  }
  reply.nanoseconds = now() - begin;
  reply.cpu = cpu_of(usage);
  reply.peak_rss = usage.ru_maxrss;
}

void handle_request(const char* bytes) {
  LaunchRequest request;
  std::memcpy(&request, bytes, sizeof request);
  if (request.strings > kMostStrings - 2) fail("too many strings");
  const char* at = bytes + sizeof request;
  char* words[kMostStrings] = {};
  std::uint32_t place = 0;
  for (std::uint32_t i = 0; i < request.strings; ++i) {
    if (i == request.arguments) words[place++] = nullptr;
    words[place++] = const_cast<char*>(at);
    at += std::strlen(at) + 1;
  }
  LaunchReply reply;
  reply.cpu_left = reap_left(request.strings == 0);
  if (request.strings > 0) launch(words, words + request.arguments + 1, at, request.input, reply);
  std::memcpy(reply_bytes, &reply, sizeof reply);
  std::memcpy(reply_bytes + sizeof reply, streams[0], reply.out);
  std::memcpy(reply_bytes + sizeof reply + reply.out, streams[1], reply.err);
  const std::size_t length = sizeof reply + reply.out + reply.err;
  if (::send(bench::kLauncherSocket, reply_bytes, length, MSG_NOSIGNAL) != static_cast<ssize_t>(length)) fail("send");
}

}  // namespace

int main() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::fcntl(bench::kLauncherSocket, F_SETFD, FD_CLOEXEC);
  for (;;) {
    const ssize_t got = ::recv(bench::kLauncherSocket, request_bytes, sizeof request_bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < static_cast<ssize_t>(sizeof(LaunchRequest))) return got == 0 ? 0 : 1;
    handle_request(request_bytes);
  }
}
