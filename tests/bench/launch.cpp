// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/launch.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "lib/os/error.h"
#include "tests/bench/launcher.h"

namespace bench {
namespace {

constexpr int kBuffer = 1 << 20;  // bytes: a message must fit

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

std::string request_bytes(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                          const std::string& input) {
  LaunchRequest request;
  request.arguments = static_cast<std::uint32_t>(arguments.size());
  request.strings = static_cast<std::uint32_t>(arguments.size() + environment.size());
  request.input = static_cast<std::uint32_t>(input.size());
  std::string bytes(reinterpret_cast<const char*>(&request), sizeof request);
  for (const auto* list : {&arguments, &environment}) {
    for (const std::string& word : *list) bytes.append(word.c_str(), word.size() + 1);
  }
  bytes += input;
  if (bytes.size() > kLargest) throw std::runtime_error("call too large for the launcher: " + arguments.at(0));
  return bytes;
}

}  // namespace

std::string own_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

Launcher::Launcher() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) throw os::last_error("socketpair");
  socket_ = os::Fd(ends[0]);
  const os::Fd other(ends[1]);
  for (const int end : ends) ::setsockopt(end, SOL_SOCKET, SO_SNDBUFFORCE, &kBuffer, sizeof kBuffer);
  const std::string path = own_folder() + "/bench_launcher";
  pid_ = ::fork();
  if (pid_ < 0) throw os::last_error("fork");
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // dup2() to the same descriptor would keep O_CLOEXEC.
  const int moved = ::dup(other.get());
  if (moved < 0 || ::dup2(moved, kLauncherSocket) < 0) ::_exit(126);
  if (moved != kLauncherSocket) ::close(moved);
  ::execl(path.c_str(), path.c_str(), nullptr);
  ::_exit(127);
}

Launcher::~Launcher() {
  socket_ = os::Fd();
  ::waitpid(pid_, nullptr, 0);
}

Launched Launcher::request(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                           const std::string& input) {
  const std::string bytes = request_bytes(arguments, environment, input);
  if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) throw os::last_error("send to launcher");
  std::string received(kLargest, '\0');
  const ssize_t got = ::recv(socket_.get(), received.data(), received.size(), 0);
  if (got < static_cast<ssize_t>(sizeof(LaunchReply))) throw std::runtime_error("bench_launcher ended");
  LaunchReply reply;
  std::memcpy(&reply, received.data(), sizeof reply);
  Launched result;
  result.exit_code = exit_code_of(reply.status);
  result.out = received.substr(sizeof reply, reply.out);
  result.err = received.substr(sizeof reply + reply.out, reply.err);
  result.ms = static_cast<double>(reply.nanoseconds) / 1e6;
  result.cpu_ms = static_cast<double>(reply.cpu) / 1e3;
  result.left_ms = static_cast<double>(reply.cpu_left) / 1e3;
  result.peak_rss = static_cast<long>(reply.peak_rss);
  return result;
}

Launched Launcher::run(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                       const std::string& input) {
  return request(arguments, environment, input);
}

double Launcher::drain() { return request({}, {}, {}).left_ms; }

}  // namespace bench
