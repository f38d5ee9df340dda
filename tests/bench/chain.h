// SPDX-License-Identifier: Apache-2.0
// Runs a side's chain of plugins for an attachment, as a runtime does: one process per plugin and verb, the
// configuration on stdin, prevResult passed on, DEL in reverse order. Or runs the floor's program.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/launch.h"
#include "tests/bench/scene.h"
#include "tests/netns/host.h"

namespace bench {

using test::Json;

// One verb on the whole chain.
struct Operation {
  double ms = 0;             // sum of all processes' times; the time between them is not counted
  double cpu_ms = 0;         // of these processes
  double left_ms = 0;        // CPU of processes that earlier ones left behind
  long peak_rss = 0;         // KiB, of the largest process
  std::string failure = {};  // of the first plugin that failed
  [[nodiscard]] bool is_failed() const { return !failure.empty(); }
};

class Chain {
 public:
  virtual ~Chain() = default;
  // Attachments are numbered; several threads may make calls for different ones at once.
  virtual Operation run(Launcher& launcher, const std::string& verb, int number) = 0;
  // The attachment's addresses: allocated by ADD and not released by DEL.
  [[nodiscard]] virtual std::vector<std::string> addresses(int number) const = 0;
};

std::string container_id(int number);           // also the name of its namespace
int host_port(const Scene& scene, int number);  // the first published port

// The floor's chain needs an existing bridge or lan0. count: the number of attachments.
std::unique_ptr<Chain> plugin_chain(const Side& side, const Scene& scene, int count);
std::unique_ptr<Chain> floor_chain(const test::Host& host, const Scene& scene, int count);

// Names in the configurations of all sides.
inline constexpr const char* kNetwork = "n";
inline constexpr const char* kStore = "/var/lib/cni/networks/n";

}  // namespace bench
