// The log: what a plugin has to say besides its answer. (The namespace is not "log": that is a function of C.)
//
// stdout belongs to the protocol. Warnings go to stderr, where runtimes keep them; FOOTBRIDGE_LOG=level[:file] sets the
// level (trace, debug, info, warn, error, off) and sends the log to a file instead, appended one whole line a write.
#pragma once

#include <string_view>

namespace logging {

// Names the program in each line and reads FOOTBRIDGE_LOG. Without it, messages have no name and warnings go to stderr.
void start(std::string_view program);

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);

}  // namespace logging
