// The sides of a measurement: folders of plugins, called as runtimes call them, one process per plugin and verb.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace bench {

using Clock = std::chrono::steady_clock;
using test::Json;

struct Side {
  std::string name;
  std::string folder;
  std::string backend;                                       // iptables, nftables: put into ipMasqBackend and backend
  std::map<std::string, std::vector<double>> measured = {};  // by what was measured; in its unit
  std::map<std::string, int> failures = {};                  // by verb: of the calls that make one up
};

// NAME=FOLDER[,BACKEND]
Side parse_side(const std::string& argument);

// A network 10.1.0.0/16 on cni0 with ipMasq.
std::string bridge_config(const Side& side);

// Publishes `ports` ports of the host from `first` on to the container's from 80 on.
std::string portmap_config(const Side& side, const Json& previous, int first, int ports = 1);

// One call for container `id`, in the namespace of that name. A failure is counted, and the first of a verb printed.
test::Outcome call(Side& side, const char* plugin, const char* verb, const std::string& id, const std::string& config);

// ADD of both plugins; portmap's configuration, for DEL. Throws std::runtime_error when bridge cannot.
std::string attach(Side& side, const std::string& id, int first_port, int ports = 1);
void detach(Side& side, const std::string& id, const std::string& portmap);

// Notes how many milliseconds the work takes.
template <class Work>
void measure(Side& side, const std::string& what, const Work& work) {
  const auto begin = Clock::now();
  work();
  side.measured[what].push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
}

double quantile(std::vector<double> values, double which);

}  // namespace bench
