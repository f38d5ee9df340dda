// SPDX-License-Identifier: Apache-2.0
// A private host for one test: a network namespace, and a mount namespace with empty /run/netns and /var/lib/cni. The
// machine that runs the test is not changed. The kernel deletes everything when the test process ends.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lib/os/process.h"

namespace test {

using Json = nlohmann::json;

// A background process. The destructor kills it.
class Background {
 public:
  Background(const std::string& netns, const std::vector<std::string>& command);
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background();

 private:
  int pid_ = -1;
};

class Host {
 public:
  Host();
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Creates a namespace with lo up and returns its path, /run/netns/NAME.
  std::string add_netns(const std::string& name);
  void remove_netns(const std::string& name);

  // Creates a machine on the host's LAN: a namespace behind a veth pair lan0, with the addresses below. It has no route
  // to the containers.
  void add_outside(const std::string& name);
  static constexpr const char* kHostAddress = "192.168.1.2";
  static constexpr const char* kOutsideAddress = "192.168.1.3";
  static constexpr const char* kHostAddress6 = "fd99::2";
  static constexpr const char* kOutsideAddress6 = "fd99::3";

  // Runs a command in this host's namespace, or in the named one. `run` throws if the command fails.
  os::ProcessOutput try_run(const std::string& netns, const std::vector<std::string>& command,
                            const std::string& input = {}) const;
  std::string run(const std::vector<std::string>& command, const std::string& netns = {}) const;

  // `ip -j ARGUMENTS` as JSON, in this host's namespace or in the named one.
  Json ip(const std::string& arguments, const std::string& netns = {}) const;

  // The state that a failed ADD must not change: links, addresses and routes of this host and of the named namespaces,
  // the ruleset, and all files below /var/lib/cni except host-local's hints. Without counters and timers.
  std::string snapshot(const std::vector<std::string>& netns = {}) const;

  // The elements of a set of table inet footbridge as nft prints them; empty if the set does not exist.
  Json elements(const std::string& set) const;
};

// A call of a plugin by a runtime.
struct Call {
  std::string plugin;
  std::string verb;
  std::string id = "c1";
  std::string netns;  // a path
  std::string config;
  std::string ifname = "eth0";
  std::string args = {};
  std::string path = {};    // CNI_PATH; default: bin()
  std::string folder = {};  // the plugin's folder; default: bin()
};

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
  [[nodiscard]] Json json() const { return Json::parse(out); }
  [[nodiscard]] bool ok() const { return exit_code == 0; }
};

Outcome call(const Call& call);

// Concurrent calls. The outcomes have the order of the calls.
std::vector<Outcome> call_together(const std::vector<Call>& calls);

// The folder of our executables (FOOTBRIDGE_BIN).
std::string bin();

// The lines of only one snapshot: "- " for `before`, "+ " for `after`. Empty if the snapshots are equal.
std::string difference(const std::string& before, const std::string& after);

// True if this kernel has links of that kind, such as "ipvlan". Needs no Host.
bool has_link_kind(const std::string& kind);

// `config` with prevResult.
std::string with_previous(const std::string& config, const Json& previous);

}  // namespace test
