// SPDX-License-Identifier: Apache-2.0
// The log: what a plugin reports in addition to its result. (The namespace is not "log", which is a function of C.)
//
// stdout belongs to the protocol. Warnings go to stderr at once, where runtimes keep them. FOOTBRIDGE_LOG and the
// configuration (setting.h) may request a line per call, written at its end (call.h). Nothing here throws if the log
// cannot be written.
#pragma once

#include <chrono>
#include <string_view>

namespace logging {

// ---- one line per call; outside of a call these do nothing ----

// Is a line requested, even if only for failures? If not, callers need not compose texts for it.
bool is_recording();

// An action of the call, as an operator would type it: "ip link delete dev veth0", "release 10.1.0.2".
void record_action(std::string_view what);

// A part of the call, timed until the end of the scope: "links", "ipam". Times of the same name add up. name: a
// literal.
class Stage {
 public:
  explicit Stage(std::string_view name);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage();

 private:
  std::string_view name_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

// ---- messages that the level admits: notes in the line of the call; warnings also go to stderr, outside of a call
// all do ----

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);

}  // namespace logging
