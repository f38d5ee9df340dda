// SPDX-License-Identifier: Apache-2.0
// Calls a plugin as a runtime does: with an environment and a configuration as text.
#pragma once

#include <string>

#include "lib/cni/serve.h"

// The variables that ADD needs.
inline cni::Environment environment_of(const std::string& verb) {
  return {{"CNI_COMMAND", verb},
          {"CNI_CONTAINERID", "c1"},
          {"CNI_NETNS", "/no/netns"},
          {"CNI_IFNAME", "eth0"},
          {"CNI_PATH", "/opt/cni/bin"}};
}

// "<code>: <msg>" of an error object, and " [<details>]" if there are any.
inline std::string error_text(const std::string& out) {
  const cni::Json error = cni::Json::parse(out, nullptr, false);
  if (!error.is_object() || !error.contains("code") || !error.contains("msg")) return "no error object: " + out;
  const std::string details = error.value("details", "");
  return std::to_string(error["code"].get<unsigned>()) + ": " + error["msg"].get<std::string>() +
         (details.empty() ? "" : " [" + details + "]");
}

inline std::string error_text(const cni::Error& error) { return error_text(cni::print_error(error, "")); }

// The cni::Error that `function` throws, as text; "" if it throws none.
template <typename Function>
std::string error_of(const Function& function) {
  try {
    function();
  } catch (const cni::Error& error) {
    return error_text(error);
  }
  return "";
}

// A request as a plugin gets it.
inline cni::Request request_of(const std::string& config, const cni::Environment& environment = environment_of("ADD")) {
  return cni::parse_request(environment, cni::kAllVersions, [&config] { return config; });
}
