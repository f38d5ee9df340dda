// SPDX-License-Identifier: Apache-2.0
// Fills in the log record of a call: its attachment, the logging keys of the configuration, its error. Without a
// record (lib/log/call.h) these functions do nothing.
#pragma once

#include <string>
#include <string_view>

#include "lib/cni/error.h"
#include "lib/cni/request.h"

namespace cni {

void log_request(const Request& request);

// A request that could not be parsed: the names that are known. input: what was read of stdin.
void log_unread_request(const Environment& environment, const std::string& input);

// VERSION, and a plugin that prints its name and versions: frequent calls that do nothing.
void log_frequent_verb(std::string_view verb);

void log_error(const Error& error);

}  // namespace cni
