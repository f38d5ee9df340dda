// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/version.h"

#include <doctest/doctest.h>

using cni::parse_version;
using cni::Version;

TEST_CASE("the seven versions are parsed and printed, in order") {
  CHECK(cni::list(cni::kAllVersions, ",", false) == "0.1.0,0.2.0,0.3.0,0.3.1,0.4.0,1.0.0,1.1.0");
  CHECK(cni::list(cni::kAllVersions, " ", true).starts_with("\"0.1.0\" \"0.2.0\" "));
  for (const Version version : cni::kAllVersions) CHECK(parse_version(text(version)) == version);
  CHECK(Version::v0_3_1 < Version::v0_4_0);
}

TEST_CASE("an empty version is 0.1.0, and other text is no version") {
  CHECK(parse_version("") == Version::v0_1_0);
  for (const char* bad : {"0", "1.0", "1.0.0-rc1", "0.3.2", "01.0.0", " 1.0.0"})
    CHECK(parse_version(bad) == std::nullopt);
}

TEST_CASE("each version has one of three shapes") {
  CHECK(cni::shape(Version::v0_2_0) == cni::Shape::ip4_ip6);
  CHECK(cni::shape(Version::v0_3_0) == cni::Shape::lists_with_version);
  CHECK(cni::shape(Version::v0_4_0) == cni::Shape::lists_with_version);
  CHECK(cni::shape(Version::v1_0_0) == cni::Shape::lists);
}
