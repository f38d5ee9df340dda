// SPDX-License-Identifier: Apache-2.0
// A side in a scene, on its own host: a child process with its own network and mount namespaces, which lives as long as
// the scene and works in its turn.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "lib/os/fd.h"
#include "tests/bench/chain.h"

namespace bench {

// The outcome of a turn.
struct Turn {
  std::vector<Operation> operations;  // in the order of attachments
  double wall_ms = 0;                 // from the first call's start to the last call's end
  double left_ms = 0;                 // CPU of processes that were still running then
};

class Worker {
 public:
  // Prepares the host: tables, bridge, existing attachments, a first attachment that is not measured. store: a folder
  // for the side's /var/lib/cni. Throws std::runtime_error with the child's message.
  Worker(Side side, Scene scene, std::string store);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  // Runs one verb for the attachments from `from` to `to` - 1.
  Turn run(const std::string& verb, int from, int to);

  // Addresses of more than one attachment; objects that were not there after the preparation. One line, or empty.
  std::string duplicates();
  std::string leftovers();

  // The state of the host and of the first attachment's namespace, with names instead of MAC and IP addresses.
  std::string snapshot();

  [[nodiscard]] const Side& side() const { return side_; }

 private:
  Json request(const Json& message);

  Side side_;
  Scene scene_;
  os::Fd socket_;
  pid_t pid_ = -1;
};

}  // namespace bench
