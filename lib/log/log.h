// The log: what a plugin has to say besides its answer. (The namespace is not "log": that is a function of C.)
//
// stdout belongs to the protocol. Warnings go to stderr at once, where runtimes keep them. Who wants more asks by
// FOOTBRIDGE_LOG=level[:file] or by the configuration's logLevel and logFile (setting.h), and gets one line for each call
// at its end (record.h): in the file, or on stderr. Nothing here throws for a log that cannot be written.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace logging {

// Names the program in its messages, which are footbridge's otherwise, and says what is wrong with FOOTBRIDGE_LOG.
void start(std::string_view program);

// ---- one line per call (outside of a call of a plugin: nothing) ----

// Is a line about this call going to be written? What costs time to put into words is only done when it is. A line
// that only a failure would bring counts.
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

// ---- messages, when the level admits them: notes in the call's line; outside of a call, and of warnings always, on
// stderr at once ----

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);

// The setting's complaints as warnings, whatever the level is but off, each once. For the log itself.
void tell_complaints();

}  // namespace logging
