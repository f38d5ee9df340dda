#include "tests/bench/traffic_host.h"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "tests/bench/fill.h"
#include "tests/bench/traffic_station.h"

namespace bench {
namespace {

constexpr std::uint16_t kServed = 80;    // and the next; in the containers and outside
constexpr int kOutsideAddresses = 1000;  // so that masquerading need not look for another port
constexpr const char* kFirst = "c0";     // its address is 10.1.0.2
constexpr const char* kLast = "last";
constexpr const char* kLastAddress = "10.1.0.3";

// As fill.cpp gives them; but for the last.
std::string address_of(int container, int containers) {
  if (container == 0) return "10.1.0.2";
  if (container == containers - 1) return kLastAddress;
  return fmt::format("10.1.{}.{}", 100 + container / 200, container % 200);
}

std::uint16_t port_of(int container, int which) {
  return static_cast<std::uint16_t>(kFirstPort + kPorts * container + which);
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
  if (containers_ < 2 || ports % kPorts != 0) throw std::runtime_error(fmt::format("{} ports cannot be", ports));
  host_.add_outside("outside");
  host_.add_netns(kFirst);
  host_.add_netns(kLast);
  attach_containers();
  add_routes();
}

bool TrafficHost::is_nat() const { return side_.backend != kWithoutNat; }

void TrafficHost::attach_containers() {
  if (is_nat()) {
    attach(side_, kFirst, port_of(0, 0), kPorts);
    fill(host_, side_, containers_ - 2);
    attach(side_, kLast, port_of(containers_ - 1, 0), kPorts);
  } else {
    Json config = Json::parse(bridge_config({.name = side_.name, .folder = side_.folder, .backend = ""}));
    config["ipMasq"] = false;
    for (const char* id : {kFirst, kLast}) call(side_, "bridge", "ADD", id, config.dump());
  }
  if (!side_.failures.empty()) throw std::runtime_error("a call failed");
}

void TrafficHost::add_routes() {
  host_.run({"ip", "route", "add", "local", "10.1.64.0/18", "dev", "lo"}, kFirst);
  host_.run({"ip", "route", "add", "10.1.64.0/18", "via", address_of(0, containers_)});
  host_.run({"ip", "route", "add", "local", "10.9.0.0/16", "dev", "lo"}, "outside");
  host_.run({"ip", "route", "add", "10.9.0.0/16", "via", test::Host::kOutsideAddress});
  if (!is_nat()) host_.run({"ip", "route", "add", "10.1.0.0/16", "via", test::Host::kHostAddress}, "outside");
}

double TrafficHost::burst(const Way& way, int connections) {
  // The flows of an earlier burst would make this one's table fuller.
  host_.run({"conntrack", "-F"});
  return connections_per_second(way, connections);
}

double TrafficHost::connect_in(int connections) {
  const std::vector<os::Fd> servers = listen_on_all({kFirst, kLast}, kPorts);
  Way way{.netns = "outside", .servers = pointers(servers), .seen_as = test::Host::kOutsideAddress};
  for (int i = 0; i < containers_; ++i) {
    for (int which = 0; which < kPorts; ++which) {
      if (is_nat()) {
        way.destinations.emplace_back(test::Host::kHostAddress, port_of(i, which));
      } else {
        way.destinations.emplace_back(address_of(i, containers_), kServed + which);
      }
    }
  }
  return burst(way, connections);
}

double TrafficHost::connect_out(int connections) {
  const std::vector<os::Fd> servers = listen_on_all({"outside"}, 1);
  Way way{.netns = kFirst, .servers = pointers(servers), .seen_as = is_nat() ? test::Host::kHostAddress : ""};
  for (int i = 0; i < containers_ - 1; ++i) way.sources.emplace_back(address_of(i, containers_), 0);
  for (int i = 0; i < kOutsideAddresses; ++i) {
    way.destinations.emplace_back(fmt::format("10.9.{}.{}", i / 250, 1 + i % 250), kServed);
  }
  return burst(way, connections);
}

double TrafficHost::throughput(int seconds) {
  const test::Background server(
      kLast, {"iperf3", "--server", "--one-off", "--port", std::to_string(kServed), "--logfile", "/dev/null"});
  wait_for_server(host_, kLast, kServed);
  const std::string address = is_nat() ? test::Host::kHostAddress : kLastAddress;
  const int port = is_nat() ? port_of(containers_ - 1, 0) : kServed;
  const auto output = host_.try_run("outside", {"iperf3", "--client", address, "--port", std::to_string(port), "--time",
                                                std::to_string(seconds), "--json"});
  const Json told = Json::parse(output.out);
  if (output.exit_code != 0) throw std::runtime_error("iperf3: " + told.value("error", output.err));
  constexpr double kGiga = 1e9;
  return told.at("end").at("sum_received").at("bits_per_second").get<double>() / kGiga;
}

}  // namespace bench
