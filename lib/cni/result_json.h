// SPDX-License-Identifier: Apache-2.0
// Results as text: the shapes of every version of the specification, both ways.
#pragma once

#include <string>

#include "lib/cni/fields.h"
#include "lib/cni/result.h"
#include "lib/cni/version.h"

namespace cni {

// The result as the reference prints it: 4 spaces of indentation, no newline at the end, keys in the reference's order
// (alphabetical from 1.0.0 on). To 0.1.0 and 0.2.0: the first address of each family, with its routes; without any
// address throws cni::Error "cannot convert: no valid IP addresses".
std::string print_result(const Result& result, Version version);

// Does parse_result() make the same of what print_result() prints? It does of addresses and routes in a version that has
// lists. Of texts, which JSON or the reader may not take as they are, it is not claimed.
bool is_kept_by_text(const Result& result, Version version);

// Reads a result of any shape. `config`: the version of the configuration that it came with; a result without cniVersion
// is of that version, and one of another shape is refused. `what` begins the messages: "prevResult", "result of host-local".
Result parse_result(const Json& json, Version config, const std::string& what);

// The keys of "dns", "routes" and of one route, and an address, as configurations have them too. Bad values throw cni::Error code 7.
Dns parse_dns(const Fields& dns);
std::vector<Route> parse_routes(const std::vector<Fields>& routes);
std::optional<net::Address> parse_address(const Fields& fields, std::string_view key);  // absent and "" are nullopt

// Any JSON as Go's encoder prints it: indented by 4, and <, > and & as \u003c, \u003e, \u0026.
std::string print_json(const nlohmann::ordered_json& json);

}  // namespace cni
