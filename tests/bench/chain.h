// SPDX-License-Identifier: Apache-2.0
// One attachment after the other through the plugins of a side, as a runtime does it: one process per plugin and verb, the
// configuration on stdin, prevResult passed on, DEL in reverse order; or through the floor's one program.
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
  double ms = 0;             // of all processes, one after the other; what happens between them is not counted
  double cpu_ms = 0;         // theirs
  double left_ms = 0;        // CPU of what earlier ones left behind
  long peak_rss = 0;         // KiB, of the largest process
  std::string failure = {};  // of the first plugin that failed
  [[nodiscard]] bool is_failed() const { return !failure.empty(); }
};

class Chain {
 public:
  virtual ~Chain() = default;
  // Attachments are numbered; calls for different ones may be made by several threads at once.
  virtual Operation run(Launcher& launcher, const std::string& verb, int number) = 0;
  // The addresses that an attachment has got by ADD and not given back by DEL.
  [[nodiscard]] virtual std::vector<std::string> addresses(int number) const = 0;
};

std::string container_id(int number);           // and the name of its namespace
int host_port(const Scene& scene, int number);  // the first that it publishes

// The floor's chain needs the bridge to be there. count: of attachments.
std::unique_ptr<Chain> plugin_chain(const Side& side, const Scene& scene, int count);
std::unique_ptr<Chain> floor_chain(const test::Host& host, const Scene& scene, int count);

// The names that all sides' configurations share.
inline constexpr const char* kNetwork = "n";
inline constexpr const char* kStore = "/var/lib/cni/networks/n";

}  // namespace bench
