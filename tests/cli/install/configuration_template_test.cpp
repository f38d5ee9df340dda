// SPDX-License-Identifier: Apache-2.0
#include "cli/install/configuration_template.h"

#include <stdexcept>

#include <doctest/doctest.h>

#include "lib/cni/error.h"

namespace {

const std::string kTemplate = R"({"name": "pods", "ipam": {"subnet": "${podCIDR}", "again": "<${podCIDR}>"}})";

std::string rejection(const std::string& text, const cli::TemplateValues& values) {
  try {
    return "accepted: " + cli::fill_template(text, values, "10-pods.conflist");
  } catch (const cni::Error& error) {
    return std::to_string(error.code()) + ": " + error.msg();
  }
}

std::string wrong_setting(const std::string& setting) {
  try {
    cli::parse_template_values({setting}, {});
    return "accepted";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a placeholder is replaced everywhere, and other text stays") {
  CHECK(cli::fill_template(kTemplate, {{"podCIDR", "10.1.0.0/24"}}, "x") ==
        R"({"name": "pods", "ipam": {"subnet": "10.1.0.0/24", "again": "<10.1.0.0/24>"}})");
  CHECK(cli::fill_template("{\"a\": \"$5 and $\"}\n", {}, "x") == "{\"a\": \"$5 and $\"}\n");
}

TEST_CASE("a value stays inside its string, and its placeholders are not replaced") {
  CHECK(cli::fill_template(R"({"a": "${k}"})", {{"k", "\", \"b\": \"\\\n"}}, "x") == R"({"a": "\", \"b\": \"\\\n"})");
  CHECK(cli::fill_template(R"({"a": "${k}"})", {{"k", "${k}"}}, "x") == R"({"a": "${k}"})");
  CHECK(rejection(R"({"a": "${k}"})", {{"k", "\xff"}}) == "7: the value of k is not UTF-8");
}

TEST_CASE("each placeholder needs a value, and each value a placeholder") {
  CHECK(rejection(kTemplate, {}) == "7: 10-pods.conflist: no value for ${podCIDR}");
  CHECK(rejection(R"({"a": "${b} ${a} ${b}"})", {}) == "7: 10-pods.conflist: no value for ${a}, ${b}");
  CHECK(rejection(kTemplate, {{"podCIDR", "x"}, {"mtu", "1400"}}) ==
        "7: 10-pods.conflist: no placeholder ${mtu}; placeholders: ${podCIDR}");
  CHECK(rejection("{}", {{"mtu", "1400"}}) == "7: 10-pods.conflist: no placeholder ${mtu}; placeholders: none");
}

TEST_CASE("an incomplete placeholder is rejected") {
  for (const std::string text :
       {R"({"a": "${"})", R"({"a": "${}"})", R"({"a": "${pod CIDR}"})", R"({"a": "${podCIDR"})"}) {
    CHECK_MESSAGE(rejection(text, {}).find("is not a placeholder; allowed: ${KEY}") != std::string::npos, text);
  }
}

TEST_CASE("a list of version 1.1.0 or without a version offers 1.0.0 to older runtimes") {
  CHECK(cli::offer_versions(R"({"cniVersion": "1.1.0", "name": "n", "plugins": []})") == R"({
  "cniVersion": "1.0.0",
  "name": "n",
  "plugins": [],
  "cniVersions": [
    "1.0.0",
    "1.1.0"
  ]
}
)");
  CHECK(cli::offer_versions(R"({"name": "n"})").find(R"("cniVersion": "1.0.0")") != std::string::npos);
  for (const std::string text :
       {R"({"cniVersion": "1.0.0"})", R"({"cniVersion": "0.4.0"})", R"({"cniVersion": 7})",
        R"({"cniversion": "0.4.0"})", "[]", R"({"cniVersion": "1.1.0", "cniVersions": ["1.1.0"]})"}) {
    CHECK(cli::offer_versions(text) == text);
  }
}

TEST_CASE("a template that is not JSON is rejected, so no placeholder is outside a string") {
  CHECK(rejection(R"({"mtu": ${mtu}})", {{"mtu", "1400"}}).starts_with("6: 10-pods.conflist: not JSON: "));
  CHECK(rejection("\xef\xbb\xbf{}", {}).starts_with("6: 10-pods.conflist: not JSON: begins with a byte order mark"));
}

TEST_CASE("KEY=VALUE: a value may contain any character, also =") {
  const cli::TemplateValues values = cli::parse_template_values({"a=b=c", "pod.CIDR_4-x= "}, {});
  CHECK(values == cli::TemplateValues{{"a", "b=c"}, {"pod.CIDR_4-x", " "}});
  CHECK(wrong_setting("podCIDR") == "--set podCIDR: allowed: KEY=VALUE");
  CHECK(wrong_setting("=x") == "--set =x: allowed: KEY=VALUE");
  CHECK(wrong_setting("pod CIDR=x") == "--set pod CIDR=x: allowed: KEY=VALUE");
  CHECK(wrong_setting("podCIDR=") == "--set podCIDR=: the value is empty");
  CHECK_THROWS_WITH(cli::parse_template_values({"a=1", "a=2"}, {}), "a is set twice");
}
