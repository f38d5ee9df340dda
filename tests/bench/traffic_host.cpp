// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/traffic_host.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "tests/bench/traffic_fill.h"

namespace traffic {
namespace {

using Clock = std::chrono::steady_clock;
using test::Json;

constexpr int kPlaces = 10;
constexpr const char* kOutside = "outside";
constexpr const char* kLast = "last";
constexpr const char* kLastAddress = "10.1.0.3";

// Chooses those of `count` that get connections, evenly spread from the first to the last. The number does not depend
// on `count`, because many destinations are slow in the kernel even without rules.
std::vector<int> places(int count) {
  const int chosen = std::min(count, kPlaces);
  std::vector<int> result;
  for (int i = 0; i < chosen; ++i) result.push_back(chosen == 1 ? 0 : i * (count - 1) / (chosen - 1));
  return result;
}

std::vector<os::Fd> listen_on_all(const std::vector<std::string>& namespaces, int ports) {
  std::vector<os::Fd> servers;
  for (const std::string& name : namespaces) {
    for (int i = 0; i < ports; ++i) {
      servers.push_back(test::listen_on(name, test::Transport::tcp, static_cast<std::uint16_t>(kServed + i)));
    }
  }
  return servers;
}

std::vector<const os::Fd*> pointers(const std::vector<os::Fd>& servers) {
  std::vector<const os::Fd*> result;
  for (const os::Fd& server : servers) result.push_back(&server);
  return result;
}

void wait_for_server(const test::Host& host, const std::string& netns, int port) {
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  while (host.run({"ss", "-Hltn", fmt::format("sport = :{}", port)}, netns).empty()) {
    if (Clock::now() > deadline) throw std::runtime_error("iperf3 does not listen");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

TrafficHost::TrafficHost(Side side, int ports) : side_(std::move(side)), containers_(ports / kPorts) {
  if (containers_ < 2 || ports % kPorts != 0) throw std::runtime_error(fmt::format("{} ports are not possible", ports));
  host_.add_outside(kOutside);
  for (const char* id : {kFirstId, kLast}) host_.add_netns(id);
  attach(side_, kFirstId, 0);
  if (side_.is_nat()) fill(host_, side_, containers_ - 2);
  attach(side_, kLast, containers_ - 1);
  add_routes();
}

void TrafficHost::add_routes() {
  std::set<int> answering;
  for (const int container : places(containers_ - 1)) answering.insert(container);
  for (const int port : places(containers_ * kPorts)) answering.insert(port / kPorts);
  for (const int container : answering) {
    if (container == 0 || container == containers_ - 1) continue;
    host_.run({"ip", "address", "add", address_of(container) + "/32", "dev", "eth0"}, kFirstId);
  }
  host_.run({"ip", "route", "add", kFilled, "via", kFirstAddress});
  if (!side_.is_nat()) host_.run({"ip", "route", "add", "10.1.0.0/16", "via", test::Host::kHostAddress}, kOutside);
}

std::string TrafficHost::address_of(int container) const {
  if (container == 0) return kFirstAddress;
  return container == containers_ - 1 ? kLastAddress : filled_address(container);
}

test::Endpoint TrafficHost::published(int container, int which) const {
  if (side_.is_nat()) return {test::Host::kHostAddress, host_port(container, which)};
  return {address_of(container), static_cast<std::uint16_t>(kServed + which)};
}

double TrafficHost::burst(const Traffic& traffic, int connections) {
  // Removes the flows of an earlier burst from the conntrack table.
  host_.run({"conntrack", "-F"});
  return connections_per_second(traffic, connections);
}

double TrafficHost::connect_in(int connections) {
  const std::vector<os::Fd> servers = listen_on_all({kFirstId, kLast}, kPorts);
  Traffic traffic{.netns = kOutside,
                  .sources = {test::Endpoint(test::Host::kOutsideAddress, 0)},
                  .servers = pointers(servers),
                  .seen_as = test::Host::kOutsideAddress};
  for (const int port : places(containers_ * kPorts))
    traffic.destinations.push_back(published(port / kPorts, port % kPorts));
  return burst(traffic, connections);
}

double TrafficHost::connect_out(int connections) {
  const std::vector<os::Fd> servers = listen_on_all({kOutside}, 1);
  Traffic traffic{
      .netns = kFirstId, .servers = pointers(servers), .seen_as = side_.is_nat() ? test::Host::kHostAddress : ""};
  for (const int container : places(containers_ - 1)) traffic.sources.emplace_back(address_of(container), 0);
  traffic.destinations.emplace_back(test::Host::kOutsideAddress, kServed);
  return burst(traffic, connections);
}

double TrafficHost::throughput(int seconds) {
  const test::Background server(
      kLast, {"iperf3", "--server", "--one-off", "--port", std::to_string(kServed), "--logfile", "/dev/null"});
  wait_for_server(host_, kLast, kServed);
  const std::string address = side_.is_nat() ? test::Host::kHostAddress : kLastAddress;
  const int port = side_.is_nat() ? host_port(containers_ - 1, 0) : kServed;
  const auto output = host_.try_run(kOutside, {"iperf3", "--client", address, "--port", std::to_string(port), "--time",
                                               std::to_string(seconds), "--json"});
  const Json report = Json::parse(output.out);
  if (output.exit_code != 0) throw std::runtime_error("iperf3: " + report.value("error", output.err));
  constexpr double kGiga = 1e9;
  return report.at("end").at("sum_received").at("bits_per_second").get<double>() / kGiga;
}

}  // namespace traffic
