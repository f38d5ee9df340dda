// SPDX-License-Identifier: Apache-2.0
// Results as JSON text, in the shapes of all versions of the specification: printing and parsing.
#pragma once

#include <string>

#include "lib/cni/fields.h"
#include "lib/cni/result.h"
#include "lib/cni/version.h"

namespace cni {

// Prints the result as the reference does: 4 spaces of indentation, no final newline, keys in the reference's order
// (alphabetical since 1.0.0). In 0.1.0 and 0.2.0: the first address of each family and its routes; throws cni::Error
// "cannot convert: no valid IP addresses" without an address.
std::string print_result(const Result& result, Version version);

// Does parse_result() restore what print_result() prints? True for addresses and routes in a version with lists. Not
// for strings, which JSON or the parser may change.
bool is_kept_by_text(const Result& result, Version version);

// Parses a result of any shape. `config`: the version of its configuration. A result without cniVersion has that
// version; a result of another shape is an error. `what` begins the messages: "prevResult", "result of host-local".
Result parse_result(const Json& json, Version config, const std::string& what);

// Parse the keys of "dns", "routes" and an address; configurations have them too. Bad values throw cni::Error code 7.
Dns parse_dns(const Fields& dns);
std::vector<Route> parse_routes(const std::vector<Fields>& routes);
std::optional<net::Address> parse_address(const Fields& fields, std::string_view key);  // absent and "" are nullopt

// Prints JSON as Go's encoder does: indented by 4, with <, > and & as \u003c, \u003e and \u0026.
std::string print_json(const nlohmann::ordered_json& json);

}  // namespace cni
