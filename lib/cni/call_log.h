// SPDX-License-Identifier: Apache-2.0
// What the log is told of a call: whom it is about, what the configuration says about logging, how it failed. In a process
// that records no call (lib/log/call.h) nothing happens.
#pragma once

#include <string>
#include <string_view>

#include "lib/cni/error.h"
#include "lib/cni/request.h"

namespace cni {

void log_request(const Request& request);

// A request that could not be read: its names as far as they are there. input: what was read of stdin.
void log_unread_request(const Environment& environment, const std::string& input);

// VERSION and a plugin that says what it is.
void log_trifle(std::string_view verb);

void log_error(const Error& error);

}  // namespace cni
