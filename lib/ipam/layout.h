// SPDX-License-Identifier: Apache-2.0
// The names and contents of the files of a store (store_view.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/ipam/store_view.h"

namespace ipam {

constexpr const char* kBootAttribute = "user.footbridge.boot";

std::string hint_name(std::size_t set);  // "last_reserved_ip.0"

// The address in a file's name. nullopt for other files: "lock", the hints, and temporary names of
// os::create_whole_at, which begin with a dot.
std::optional<net::Address> parse_name(const std::string& name);

std::string content_of(const Holder& holder);

// The content without surrounding white space, which an editor may have added.
std::string_view trimmed(std::string_view content);

// nullopt if that is not the content of an allocation: a container id has no white space, control character or "/".
std::optional<Holder> parse_holder(std::string_view trimmed_content);

}  // namespace ipam
