// SPDX-License-Identifier: Apache-2.0
#include "lib/dbus/connection.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "lib/os/error.h"

namespace dbus {
namespace {

constexpr const char* kDefaultAddress = "unix:path=/run/dbus/system_bus_socket";
constexpr const char* kWhat = "talk to the system's message bus";
constexpr std::chrono::seconds kBusPatience{2};
constexpr std::chrono::seconds kCallPatience{25};
constexpr std::size_t kLongestLine = 1024;

// The socket of an address such as "unix:path=/run/dbus/system_bus_socket,guid=1": a path, or an abstract name with a
// leading NUL. "" for other transports. (Escapes such as "%20" are kept.)
std::string socket_name(std::string_view address) {
  constexpr std::string_view kUnix = "unix:";
  if (!address.starts_with(kUnix)) return {};
  address.remove_prefix(kUnix.size());
  while (!address.empty()) {
    const std::size_t end = std::min(address.find(','), address.size());
    const std::string_view pair = address.substr(0, end);
    if (pair.starts_with("path=")) return std::string(pair.substr(5));
    if (pair.starts_with("abstract=")) return std::string(1, '\0') + std::string(pair.substr(9));
    address.remove_prefix(std::min(end + 1, address.size()));
  }
  return {};
}

os::Fd connect_to(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() >= sizeof address.sun_path) return {};
  name.copy(static_cast<char*>(address.sun_path), name.size());
  const bool is_path = name[0] != '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (is_path ? 1 : 0));
  os::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) throw os::last_error(kWhat);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return socket;
}

// A socket that is connected to the first listening address of a list, separated by ";".
os::Fd connect_to_bus() {
  const char* given = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");  // NOLINT(concurrency-mt-unsafe): there is one thread
  std::string_view addresses = given == nullptr || *given == '\0' ? kDefaultAddress : given;
  while (!addresses.empty()) {
    const std::size_t end = std::min(addresses.find(';'), addresses.size());
    if (os::Fd socket = connect_to(socket_name(addresses.substr(0, end)))) return socket;
    addresses.remove_prefix(std::min(end + 1, addresses.size()));
  }
  return {};
}

Call bus_call(const std::string& member, std::vector<std::string> arguments) {
  constexpr const char* kBus = "org.freedesktop.DBus";
  return {kBus, "/org/freedesktop/DBus", kBus, member, std::move(arguments)};
}

// The user id in decimal, each digit as two hexadecimal digits of its ASCII code.
std::string identity() {
  std::string result;
  for (const char digit : std::to_string(::geteuid())) result += {'3', digit};
  return result;
}

Reply succeeded(Reply reply) {
  if (!reply.error.empty()) throw os::error(EPROTO, std::string(kWhat) + ": " + reply.error + ": " + reply.text);
  return reply;
}

}  // namespace

std::optional<Connection> Connection::open() {
  os::Fd socket = connect_to_bus();
  if (!socket) return std::nullopt;
  Connection connection(std::move(socket));
  const auto deadline = Clock::now() + kBusPatience;
  connection.authenticate(deadline);
  succeeded(connection.exchange(bus_call("Hello", {}), deadline));
  return connection;
}

Reply Connection::call(const Call& call) { return exchange(call, Clock::now() + kCallPatience); }

bool Connection::has_owner(const std::string& name) {
  return succeeded(exchange(bus_call("NameHasOwner", {name}), Clock::now() + kBusPatience)).flag;
}

void Connection::authenticate(Clock::time_point deadline) {
  send(std::string(1, '\0') + "AUTH EXTERNAL " + identity() + "\r\n", deadline);
  const std::string answer = receive_line(deadline);
  if (!answer.starts_with("OK "))
    throw os::error(EACCES, std::string(kWhat) + ": it responds \"" + answer.substr(0, 80) + "\"");
  send("BEGIN\r\n", deadline);
}

Reply Connection::exchange(const Call& call, Clock::time_point deadline) {
  send(encode(call, ++serial_), deadline);
  try {
    for (;;) {  // skips signals
      std::string message = receive(kHeadSize, deadline);
      message += receive(size_of(message) - kHeadSize, deadline);
      const auto reply = parse_reply(message);
      if (reply && reply->serial == serial_) return *reply;
    }
  } catch (const std::invalid_argument& error) {
    throw os::error(EPROTO, std::string(kWhat) + ": " + error.what());
  }
}

void Connection::wait(short events, Clock::time_point deadline) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd waited{socket_.get(), events, 0};
  const int ready = left <= 0 ? 0 : ::poll(&waited, 1, static_cast<int>(left));
  if (ready == 0) throw os::error(ETIMEDOUT, kWhat);
  if (ready < 0 && errno != EINTR) throw os::last_error(kWhat);
}

void Connection::send(std::string_view bytes, Clock::time_point deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) throw os::last_error(kWhat);
    if (sent < 0) {
      wait(POLLOUT, deadline);
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
}

std::string Connection::receive(std::size_t size, Clock::time_point deadline) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size;) {
    wait(POLLIN, deadline);
    const ssize_t received = ::recv(socket_.get(), bytes.data() + at, size - at, 0);
    if (received == 0) throw os::error(ECONNRESET, kWhat);
    if (received < 0 && errno != EAGAIN && errno != EINTR) throw os::last_error(kWhat);
    if (received > 0) at += static_cast<std::size_t>(received);
  }
  return bytes;
}

std::string Connection::receive_line(Clock::time_point deadline) {
  std::string line;
  while (!line.ends_with("\r\n")) {
    if (line.size() > kLongestLine) throw os::error(EPROTO, kWhat);
    line += receive(1, deadline);
  }
  line.resize(line.size() - 2);
  return line;
}

}  // namespace dbus
