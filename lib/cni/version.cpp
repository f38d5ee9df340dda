// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/version.h"

namespace cni {
namespace {

constexpr std::array<std::string_view, kAllVersions.size()> kTexts{"0.1.0", "0.2.0", "0.3.0", "0.3.1",
                                                                   "0.4.0", "1.0.0", "1.1.0"};

}  // namespace

std::string_view text(Version version) { return kTexts.at(static_cast<std::size_t>(version)); }

std::optional<Version> parse_version(std::string_view text) {
  if (text.empty()) return Version::v0_1_0;
  for (const Version version : kAllVersions) {
    if (cni::text(version) == text) return version;
  }
  return std::nullopt;
}

Shape shape(Version version) {
  if (version <= Version::v0_2_0) return Shape::ip4_ip6;
  return version <= Version::v0_4_0 ? Shape::lists_with_version : Shape::lists;
}

std::string list(std::span<const Version> versions, std::string_view separator, bool quoted) {
  std::string result;
  const std::string_view quote = quoted ? "\"" : "";
  for (const Version version : versions) {
    if (!result.empty()) result += separator;
    result += quote;
    result += text(version);
    result += quote;
  }
  return result;
}

}  // namespace cni
