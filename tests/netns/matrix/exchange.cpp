// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/matrix/exchange.h"

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "lib/netns/netns.h"
#include "lib/os/error.h"

namespace test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTimeout = std::chrono::seconds(10);
constexpr auto kQuiet = std::chrono::milliseconds(300);
constexpr int kPoll = 50;  // milliseconds

std::string received(const os::Fd& fd) {
  std::array<char, 16> buffer{};
  const ssize_t size = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

std::uint16_t own_port(const os::Fd& fd) {
  Peer own;
  ::getsockname(fd.get(), own.get(), &own.size);
  return own.port();
}

}  // namespace

void Exchange::listen(const std::string& netns, Transport transport, std::uint16_t port) {
  listeners_.push_back({netns, port, transport, listen_on(netns, transport, port)});
  const int on = 1;
  ::setsockopt(listeners_.back().fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
}

void Exchange::join(const std::string& netns, const std::string& interface, const std::string& group) {
  const Endpoint target(group, 0);
  const netns::Entered entered(netns::Netns::open("/run/netns/" + netns).value());
  const group_req request{::if_nametoindex(interface.c_str()), target.storage};
  const int level = target.family == AF_INET ? int{IPPROTO_IP} : int{IPPROTO_IPV6};
  for (const Listener& listener : listeners_) {
    if (listener.netns != netns || listener.transport != Transport::udp) continue;
    if (::setsockopt(listener.fd.get(), level, MCAST_JOIN_GROUP, &request, sizeof request) == 0) continue;
    throw os::last_error("join " + group);
  }
}

std::vector<Reply> Exchange::run(const std::vector<Probe>& probes) {
  probes_ = &probes;
  clients_.clear();
  replies_.assign(probes.size(), {});
  for (std::size_t i = 0; i < probes.size(); ++i) begin(probes[i], i);
  const auto deadline = Clock::now() + kTimeout;
  while (!is_complete() && Clock::now() < deadline) step(kPoll);
  const bool is_all = std::all_of(probes.begin(), probes.end(), [](const Probe& probe) { return probe.is_expected; });
  const auto end = is_all ? Clock::now() : Clock::now() + kQuiet;
  while (Clock::now() < end) step(kPoll);
  clients_.clear();
  connections_.clear();
  return std::move(replies_);
}

bool Exchange::is_complete() const {
  for (std::size_t i = 0; i < replies_.size(); ++i) {
    const Probe& probe = (*probes_)[i];
    if (probe.is_expected && !replies_[i].is_through(probe.is_to_many)) return false;
  }
  return true;
}

void Exchange::begin(const Probe& probe, std::size_t number) {
  const Endpoint target(probe.to, probe.port);
  clients_.push_back({make_socket(probe.from, probe.transport, target.family)});
  Client& client = clients_.back();
  const int on = 1;
  ::setsockopt(client.fd.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  const bool is_begun = ::connect(client.fd.get(), target.get(), target.size) == 0 || errno == EINPROGRESS;
  client.is_over = !is_begun;
  replies_[number].client_port = own_port(client.fd);
}

void Exchange::step(int timeout) {
  std::vector<pollfd> polled;
  for (const Listener& listener : listeners_) polled.push_back({listener.fd.get(), POLLIN, 0});
  for (const Connection& connection : connections_) polled.push_back({connection.fd.get(), POLLIN, 0});
  for (const Client& client : clients_) {
    const short events = client.is_sent ? POLLIN : POLLOUT;
    polled.push_back({client.is_over ? -1 : client.fd.get(), events, 0});
  }
  if (::poll(polled.data(), polled.size(), timeout) <= 0) return;
  auto next = polled.begin();
  auto connections_end = connections_.size();  // connections accepted below are read in the next step
  for (const Listener& listener : listeners_) {
    if ((next++)->revents != 0) receive(listener);
  }
  for (auto connection = connections_.begin(); connections_end-- > 0; ++connection) {
    if ((next++)->revents != 0) read(*connection);
  }
  for (std::size_t i = 0; i < clients_.size(); ++i, ++next) {
    if (next->revents != 0) continue_client(i, next->revents);
  }
  std::erase_if(connections_, [](const Connection& connection) { return !connection.fd; });
}

void Exchange::receive(const Listener& listener) {
  Peer peer;
  if (listener.transport == Transport::tcp) {
    os::Fd fd(::accept4(listener.fd.get(), peer.get(), &peer.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) connections_.push_back({&listener, peer, std::move(fd)});
    return;
  }
  std::array<char, 16> buffer{};
  iovec data{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};  // the request's destination address
  msghdr message{peer.get(), peer.size, &data, 1, control.data(), control.size(), 0};
  const ssize_t size = ::recvmsg(listener.fd.get(), &message, 0);
  if (size <= 0) return;
  data.iov_len = static_cast<std::size_t>(size);
  record(listener, peer, std::string(buffer.data(), data.iov_len));
  ::sendmsg(listener.fd.get(), &message, 0);  // with `control`: the reply's source is the request's destination
}

void Exchange::read(Connection& connection) {
  const std::string number = received(connection.fd);
  if (!number.empty()) {
    record(*connection.listener, connection.peer, number);
    ::send(connection.fd.get(), number.data(), number.size(), MSG_NOSIGNAL);
  }
  connection.fd.reset();
}

void Exchange::record(const Listener& listener, const Peer& peer, const std::string& number) {
  const std::size_t i = std::stoul(number);
  if (i >= replies_.size()) return;
  const Probe& probe = (*probes_)[i];
  if (listener.netns != probe.server_netns || listener.port != probe.server_port) {
    replies_[i].strays.push_back(listener.netns + ":" + std::to_string(listener.port));
    return;
  }
  replies_[i].seen = peer.address();
  replies_[i].seen_port = peer.port();
}

void Exchange::continue_client(std::size_t number, short events) {
  Client& client = clients_[number];
  const std::string text = std::to_string(number);
  if (!client.is_sent && (events & POLLOUT) != 0) {
    client.is_sent = ::send(client.fd.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0;
    client.is_over = !client.is_sent;
    return;
  }
  replies_[number].is_answered = received(client.fd) == text;
  client.is_over = true;
}

}  // namespace test
