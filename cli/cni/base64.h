// SPDX-License-Identifier: Apache-2.0
// Base 64 with padding (RFC 4648, 4), as Go's encoding/json writes a []byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cli {

std::string encode_base64(std::string_view bytes);

// nullopt if encode_base64 would not write this text.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace cli
