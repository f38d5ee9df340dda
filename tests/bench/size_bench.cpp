// What an attachment and a connection cost on a host with one attachment, and on one with many: ADD and DEL of bridge +
// host-local + portmap with two published ports, and the time until a TCP connection from outside to a published port is
// there. The sides take turns, each on hosts of its own, and the ratios are the result.
//
//   bench_size ROUNDS ATTACHMENTS NAME=FOLDER[,BACKEND] ...
//
// Of the many, the first and the one that is measured are made by the plugins; of the others there are only the rules or
// elements (fill.h). Prints a Markdown table.
#include <netinet/in.h>
#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <exception>

#include "lib/os/error.h"
#include "tests/bench/fill.h"
#include "tests/netns/endpoint.h"

namespace {

using bench::Side;

constexpr int kCalls = 5;
constexpr int kConnections = 500;

std::string sized(const std::string& what, int attachments) { return what + " @" + std::to_string(attachments); }

// Connections from outside, one after the other, each from a port of its own.
void connect(Side& side, const std::string& what, const std::string& id, std::uint16_t port) {
  const os::Fd server = test::listen_on(id, test::Transport::tcp, 80);
  const test::Endpoint target(test::Host::kHostAddress, port);
  const linger reset{1, 0};
  for (int i = 0; i < kConnections; ++i) {
    const os::Fd client = test::make_socket("outside", test::Transport::tcp, target.family);
    ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    measure(side, what, [&] {
      const bool is_begun = ::connect(client.get(), target.get(), target.size) == 0 || errno == EINPROGRESS;
      if (!is_begun || !test::is_ready(client, 10000, POLLOUT)) throw os::last_error("connect to " + id);
    });
    const os::Fd accepted(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted) throw os::last_error("connection to " + id);
  }
}

void run_round(Side& side, int attachments) {
  test::Host host;
  host.add_outside("outside");
  host.add_netns("c0");
  host.add_netns("last");
  const bool is_alone = attachments == 1;
  if (!is_alone) attach(side, "c0", bench::kFirstPort, bench::kPorts);
  bench::fill(host, side, attachments - 2);
  const int port = bench::kFirstPort + bench::kPorts * (attachments - 1);
  for (int i = 0; i < kCalls; ++i) {
    std::string portmap;
    measure(side, sized("ADD", attachments), [&] { portmap = attach(side, "last", port, bench::kPorts); });
    measure(side, sized("DEL", attachments), [&] { detach(side, "last", portmap); });
  }
  attach(side, "last", port, bench::kPorts);
  connect(side, sized("connection to the newest", attachments), "last", static_cast<std::uint16_t>(port));
  if (!is_alone) connect(side, sized("connection to the oldest", attachments), "c0", bench::kFirstPort);
}

void print(const std::vector<Side>& sides) {
  const Side& first = sides.front();
  std::printf("| what @ attachments | side | p50 ms | p99 ms | p50 / %s's |\n|---|---|---|---|---|\n",
              first.name.c_str());
  for (const auto& [what, measured] : first.measured) {
    const double compared = bench::quantile(measured, 0.5);
    for (const Side& side : sides) {
      const auto& values = side.measured.at(what);
      const double median = bench::quantile(values, 0.5);
      std::printf("| %s | %s | %.3f | %.3f | %.1f |\n", what.c_str(), side.name.c_str(), median,
                  bench::quantile(values, 0.99), median / compared);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::fprintf(stderr, "usage: bench_size ROUNDS ATTACHMENTS NAME=FOLDER[,BACKEND] ...\n");
    return 2;
  }
  try {
    const int rounds = std::stoi(arguments[0]);
    const int attachments = std::stoi(arguments[1]);
    std::vector<Side> sides;
    for (std::size_t i = 2; i < arguments.size(); ++i) sides.push_back(bench::parse_side(arguments[i]));
    for (int round = 0; round < rounds; ++round) {
      for (Side& side : sides) {
        for (const int count : {1, attachments}) run_round(side, count);
      }
    }
    std::printf("%d rounds a side: %d calls, %d connections each\n\n", rounds, kCalls, kConnections);
    print(sides);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_size: %s\n", error.what());
    return 1;
  }
}
