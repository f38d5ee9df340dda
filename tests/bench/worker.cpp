// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/worker.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "lib/os/error.h"
#include "lib/os/file.h"
#include "tests/bench/measured_host.h"

namespace bench {
namespace {

constexpr std::size_t kMost = 64U << 20U;  // bytes of a reply

// Messages on a stream: the length in eight hexadecimal digits, then JSON.
void send_json(int socket, const Json& json) {
  const std::string text = json.dump();
  char length[9];
  std::snprintf(length, sizeof length, "%08zx", text.size());
  os::write_all(socket, length + text, "worker");
}

std::string receive(int socket, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = ::read(socket, bytes.data() + at, size - at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {};
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

// nullptr: the other process has ended.
Json receive_json(int socket) {
  const std::string length = receive(socket, 8);
  if (length.empty()) return nullptr;
  const std::size_t size = std::stoul(length, nullptr, 16);
  if (size > kMost) throw std::runtime_error("a worker's reply is too long");
  return Json::parse(receive(socket, size));
}

Json json_of(const Turn& turn) {
  Json list = Json::array();
  for (const Operation& one : turn.operations) {
    list.push_back({one.ms, one.cpu_ms, one.left_ms, one.peak_rss, one.failure});
  }
  return {{"operations", list}, {"wall_ms", turn.wall_ms}, {"left_ms", turn.left_ms}};
}

Turn turn_of(const Json& json) {
  Turn turn;
  for (const Json& one : json.at("operations")) {
    turn.operations.push_back({one[0], one[1], one[2], one[3], one[4]});
  }
  turn.wall_ms = json.at("wall_ms");
  turn.left_ms = json.at("left_ms");
  return turn;
}

Json reply_to(const Json& request, MeasuredHost& host) {
  if (request.contains("verb")) return json_of(host.run(request.at("verb"), request.at("from"), request.at("to")));
  if (request.contains("duplicates")) return host.duplicates();
  if (request.contains("snapshot")) return host.snapshot();
  return host.leftovers();
}

// Closes the other workers' sockets: while one is open here, its worker does not notice the end of the driver.
void keep_only(int fd) {
  constexpr int kFirst = STDERR_FILENO + 1;
  if (fd > kFirst) ::close_range(kFirst, static_cast<unsigned>(fd - 1), 0);
  ::close_range(static_cast<unsigned>(fd + 1), ~0U, 0);
}

void serve(int socket, const Side& side, const Scene& scene, const std::string& store) {
  try {
    MeasuredHost host(side, scene, store);
    send_json(socket, "prepared");
    for (Json request = receive_json(socket); !request.is_null(); request = receive_json(socket)) {
      send_json(socket, reply_to(request, host));
    }
  } catch (const std::exception& error) {
    send_json(socket, {{"error", error.what()}});
  }
}

}  // namespace

Worker::Worker(Side side, Scene scene, std::string store) : side_(std::move(side)), scene_(std::move(scene)) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw os::last_error("socketpair");
  socket_ = os::Fd(ends[0]);
  os::Fd other(ends[1]);
  pid_ = ::fork();
  if (pid_ < 0) throw os::last_error("fork");
  if (pid_ > 0) {
    other.reset();
    request({});
    return;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  socket_.reset();
  keep_only(other.get());
  serve(other.get(), side_, scene_, store);
  ::_exit(0);
}

Worker::~Worker() {
  socket_.reset();
  ::waitpid(pid_, nullptr, 0);
}

Json Worker::request(const Json& message) {
  if (!message.is_null()) send_json(socket_.get(), message);
  Json reply = receive_json(socket_.get());
  if (reply.is_null()) throw std::runtime_error(side_.name + " in " + scene_.name + ": the worker ended");
  if (reply.is_object() && reply.contains("error")) {
    throw std::runtime_error(side_.name + " in " + scene_.name + ": " + reply.at("error").get<std::string>());
  }
  return reply;
}

Turn Worker::run(const std::string& verb, int from, int to) {
  return turn_of(request({{"verb", verb}, {"from", from}, {"to", to}}));
}

std::string Worker::duplicates() { return request({{"duplicates", true}}); }

std::string Worker::snapshot() { return request({{"snapshot", true}}); }

std::string Worker::leftovers() { return request({{"leftovers", true}}); }

}  // namespace bench
