// SPDX-License-Identifier: Apache-2.0
// A host of the test's own: a network namespace, and a mount namespace with empty /run/netns and /var/lib/cni. The machine
// that the test runs on is not touched, and everything is gone when the test's process ends.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lib/os/process.h"

namespace test {

using Json = nlohmann::json;

// A process that runs in the background until it is ended or destroyed.
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

  // Makes a namespace with lo up and returns its path, /run/netns/NAME.
  std::string add_netns(const std::string& name);
  void remove_netns(const std::string& name);

  // A neighbour outside: a namespace joined to this host by a veth pair; the host's end has `address`/24 (and `address6`/64),
  // the other end `neighbour`. The neighbour has no route to the containers.
  void add_outside(const std::string& name);
  static constexpr const char* kHostAddress = "192.168.1.2";
  static constexpr const char* kOutsideAddress = "192.168.1.3";
  static constexpr const char* kHostAddress6 = "fd99::2";
  static constexpr const char* kOutsideAddress6 = "fd99::3";

  // Runs a command in this host's namespace, or in the named one; `run` fails the test when it fails.
  os::ProcessOutput try_run(const std::string& netns, const std::vector<std::string>& command,
                            const std::string& input = {}) const;
  std::string run(const std::vector<std::string>& command, const std::string& netns = {}) const;

  // `ip -j ARGUMENTS` as JSON, in this host's namespace or in the named one.
  Json ip(const std::string& arguments, const std::string& netns = {}) const;

  // All that a failed ADD must leave as it was: links, addresses, routes of this host and of the named namespaces, the
  // ruleset, and every file below /var/lib/cni but host-local's hints. Counters and timers are left out.
  std::string snapshot(const std::vector<std::string>& netns = {}) const;

  // The elements of a set of table inet footbridge as nft prints them; empty when there is no such set.
  Json elements(const std::string& set) const;
};

// A call of one of our executables as a runtime makes it.
struct Call {
  std::string plugin;
  std::string verb;
  std::string id = "c1";
  std::string netns;  // a path
  std::string config;
  std::string ifname = "eth0";
  std::string args = {};
  std::string path = {};    // CNI_PATH; our own folder when empty
  std::string folder = {};  // where the plugin itself is; our own when empty
};

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
  [[nodiscard]] Json json() const { return Json::parse(out); }
  [[nodiscard]] bool ok() const { return exit_code == 0; }
};

Outcome call(const Call& call);

// Several calls at the same time, each in its own process; the outcomes in their order.
std::vector<Outcome> call_together(const std::vector<Call>& calls);

// The folder of our executables (FOOTBRIDGE_BIN).
std::string bin();

// The lines that only one of two snapshots has, "- " before and "+ " after; empty when they are equal.
std::string difference(const std::string& before, const std::string& after);

// `config` with prevResult.
std::string with_previous(const std::string& config, const Json& previous);

}  // namespace test
