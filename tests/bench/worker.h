// SPDX-License-Identifier: Apache-2.0
// A side in a scene, on a host of its own: a child process with its own network and mount namespaces, which lives as long as the
// scene and works when it is its turn.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "lib/os/fd.h"
#include "tests/bench/chain.h"

namespace bench {

// What a turn gave.
struct Turn {
  std::vector<Operation> operations;  // in the order of attachments
  double wall_ms = 0;                 // from the first call's beginning to the last one's end
  double left_ms = 0;                 // CPU of processes that were still there then
};

class Worker {
 public:
  // Prepares the host: skeleton, bridge, filling, a first attachment that is not measured. store: a folder for the side's
  // /var/lib/cni. Throws std::runtime_error with what the child says.
  Worker(Side side, Scene scene, std::string store);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  // One verb for attachments `from` to before `to`, counted from 0.
  Turn run(const std::string& verb, int from, int to);

  // Addresses that more than one attachment has, and what is there beyond what was prepared; a line, or empty.
  std::string duplicates();
  std::string leftovers();

  // The whole state of the host and of the first attachment's namespace, with names in place of its MACs and addresses.
  std::string snapshot();

  [[nodiscard]] const Side& side() const { return side_; }

 private:
  Json ask(const Json& request);

  Side side_;
  Scene scene_;
  os::Fd socket_;
  pid_t pid_ = -1;
};

}  // namespace bench
