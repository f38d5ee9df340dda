// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/call_log.h"

#include <optional>
#include <stdexcept>

#include "lib/log/call.h"
#include "lib/log/log.h"

namespace cni {
namespace {

// Other programs may have a key of this name: a value of another type is not an error.
std::optional<std::string> logging_key(const Json& config, const std::string& key) {
  const Json* value = find(config, key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  logging::warn(key + ": " + excerpt(*value) + " is not a string, ignored");
  return std::nullopt;
}

void configure(logging::Call& call, const Json& config) {
  const auto level = logging_key(config, "logLevel");
  call.configure(level, logging_key(config, "logFile"));
}

// STATUS and GC concern a network, the other verbs an attachment.
void identify(logging::Record& record, std::string_view verb, const net::Owner& owner, const std::string& netns) {
  record.verb = verb;
  record.owner = verb == text(Verb::status) || verb == text(Verb::gc) ? owner.network : owner.text();
  record.netns = netns;
}

Json parse_or_null(const std::string& input) {
  try {
    return parse_json(input);
  } catch (const std::invalid_argument&) {
    return {};
  }
}

}  // namespace

void log_request(const Request& request) {
  logging::Call* const call = logging::Call::current();
  if (call == nullptr) return;
  identify(call->record(), text(request.verb), request.owner(), request.netns);
  configure(*call, request.config);
}

void log_unread_request(const Environment& environment, const std::string& input) {
  logging::Call* const call = logging::Call::current();
  if (call == nullptr) return;
  const Json config = parse_or_null(input);
  const Json* name = find(config, "name");
  const std::string network = name != nullptr && name->is_string() ? name->get<std::string>() : std::string();
  const std::string verb = value(environment, "CNI_COMMAND");
  const net::Owner owner{network, value(environment, "CNI_CONTAINERID"), value(environment, "CNI_IFNAME")};
  identify(call->record(), verb, owner, value(environment, "CNI_NETNS"));
  configure(*call, config);
}

void log_frequent_verb(std::string_view verb) {
  logging::Call* const call = logging::Call::current();
  if (call == nullptr) return;
  call->record().verb = verb;
  call->record().usual = logging::Level::debug;
}

void log_error(const Error& error) {
  logging::Call* const call = logging::Call::current();
  if (call != nullptr) call->record().failure = {error.code(), error.msg(), error.details()};
}

}  // namespace cni
