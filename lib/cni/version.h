// SPDX-License-Identifier: Apache-2.0
// Versions of the CNI specification.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cni {

enum class Version : std::uint8_t { v0_1_0, v0_2_0, v0_3_0, v0_3_1, v0_4_0, v1_0_0, v1_1_0 };

inline constexpr std::array kAllVersions{Version::v0_1_0, Version::v0_2_0, Version::v0_3_0, Version::v0_3_1,
                                         Version::v0_4_0, Version::v1_0_0, Version::v1_1_0};
inline constexpr Version kNewest = Version::v1_1_0;

std::string_view text(Version version);                       // "1.0.0"
std::optional<Version> parse_version(std::string_view text);  // exactly one of the seven; "" is 0.1.0

// The versions of one result shape: {0.1, 0.2}, {0.3.0, 0.3.1, 0.4.0}, {1.0, 1.1}.
enum class Shape : std::uint8_t { ip4_ip6, lists_with_version, lists };
Shape shape(Version version);

// "0.1.0","0.2.0" with this separator, quoted or not.
std::string list(std::span<const Version> versions, std::string_view separator, bool quoted);

}  // namespace cni
