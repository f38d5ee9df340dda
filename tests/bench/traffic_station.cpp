// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/traffic_station.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "lib/os/error.h"
#include "tests/bench/traffic_host.h"

namespace traffic {
namespace {

constexpr std::size_t kMessage = 4096;
constexpr std::string_view kEnd = "end";

void send_text(const os::Fd& channel, const std::string& text) {
  if (::send(channel.get(), text.data(), std::min(text.size(), kMessage), MSG_NOSIGNAL) < 0) {
    throw os::last_error("send to a station");
  }
}

// Returns an empty text if the other process has ended.
std::string receive_text(const os::Fd& channel) {
  std::array<char, kMessage> buffer{};
  const ssize_t size = ::recv(channel.get(), buffer.data(), buffer.size(), 0);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

double measure(TrafficHost& host, const std::string& request) {
  std::istringstream words(request);
  std::string what;
  int amount = 0;
  words >> what >> amount;
  if (what == "in") return host.connect_in(amount);
  if (what == "out") return host.connect_out(amount);
  return host.throughput(amount);
}

// Returns "= NUMBER", or "! ERROR".
template <class Work>
std::string reply_of(const Work& work) {
  try {
    return "= " + std::to_string(work());
  } catch (const std::exception& error) {
    return std::string("! ") + error.what();
  }
}

// The station's process: serves requests until the end.
void serve(const os::Fd& channel, const Side& side, int ports) {
  std::unique_ptr<TrafficHost> host;
  send_text(channel, reply_of([&] { return host = std::make_unique<TrafficHost>(side, ports), 0; }));
  if (!host) return;
  for (std::string request = receive_text(channel); request != kEnd; request = receive_text(channel)) {
    send_text(channel, reply_of([&] { return measure(*host, request); }));
  }
}

double number(const std::string& reply) {
  if (reply.starts_with("= ")) return std::stod(reply.substr(2));
  throw std::runtime_error(reply.empty() ? "the station ended" : reply.substr(2));
}

}  // namespace

Station::Station(const Side& side, int ports) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) throw os::last_error("socketpair");
  channel_ = os::Fd(ends[0]);
  os::Fd other(ends[1]);
  pid_ = ::fork();
  if (pid_ < 0) throw os::last_error("fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    channel_.reset();
    serve(other, side, ports);
    ::_exit(0);
  }
  other.reset();
  try {
    number(receive_text(channel_));
  } catch (...) {
    ::waitpid(pid_, nullptr, 0);  // it exits by itself
    throw;
  }
}

Station::~Station() {
  // Stations that were forked later also have this descriptor, so the station would not notice its closing.
  ::send(channel_.get(), kEnd.data(), kEnd.size(), MSG_NOSIGNAL);
  ::waitpid(pid_, nullptr, 0);
}

double Station::request(const std::string& text) {
  send_text(channel_, text);
  return number(receive_text(channel_));
}

double Station::connect_in(int connections) { return request("in " + std::to_string(connections)); }
double Station::connect_out(int connections) { return request("out " + std::to_string(connections)); }
double Station::throughput(int seconds) { return request("throughput " + std::to_string(seconds)); }

}  // namespace traffic
