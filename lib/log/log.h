// The log: what a plugin has to say besides its answer. (The namespace is not "log": that is a function of C.)
//
// stdout belongs to the protocol. Warnings go to stderr, where runtimes keep them; FOOTBRIDGE_LOG=level[:file] sets the
// level (trace, debug, info, warn, error, off) and sends the log to a file instead, appended one whole line a write.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace logging {

// Names the program in each line and reads FOOTBRIDGE_LOG. Without it, messages have no name and warnings go to stderr.
void start(std::string_view program);

// ---- one line per call ----

// Is a line about this call going to be written? What costs time to put into words is only done when it is.
bool is_recording();

// Something that the call has done, as an operator would type it: "ip link delete dev veth0", "release 10.1.0.2".
void did(std::string_view what);

// A part of the call, timed from here to the end of the scope: "links", "ipam". The times of one name add up.
class Stage {
 public:
  explicit Stage(std::string_view name);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  Stage(Stage&&) = delete;
  Stage& operator=(Stage&&) = delete;
  ~Stage();

 private:
  std::string name_;
  std::chrono::steady_clock::time_point begun_;
};

// ---- messages ----

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);

}  // namespace logging
