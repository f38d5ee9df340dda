// SPDX-License-Identifier: Apache-2.0
#include "cli/install/configuration_template.h"

#include <stdexcept>

#include <doctest/doctest.h>

#include "lib/cni/error.h"

namespace {

const std::string kTemplate = R"({"name": "pods", "ipam": {"subnet": "${podCIDR}", "again": "<${podCIDR}>"}})";

std::string refusal(const std::string& text, const cli::TemplateValues& values) {
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

TEST_CASE("a placeholder is replaced everywhere, and nothing else is") {
  CHECK(cli::fill_template(kTemplate, {{"podCIDR", "10.1.0.0/24"}}, "x") ==
        R"({"name": "pods", "ipam": {"subnet": "10.1.0.0/24", "again": "<10.1.0.0/24>"}})");
  CHECK(cli::fill_template("{\"a\": \"$5 and $\"}\n", {}, "x") == "{\"a\": \"$5 and $\"}\n");
}

TEST_CASE("a value stays inside its string, and is no template itself") {
  CHECK(cli::fill_template(R"({"a": "${k}"})", {{"k", "\", \"b\": \"\\\n"}}, "x") == R"({"a": "\", \"b\": \"\\\n"})");
  CHECK(cli::fill_template(R"({"a": "${k}"})", {{"k", "${k}"}}, "x") == R"({"a": "${k}"})");
  CHECK(refusal(R"({"a": "${k}"})", {{"k", "\xff"}}) == "7: the value of k is no UTF-8");
}

TEST_CASE("values and placeholders must be the same ones") {
  CHECK(refusal(kTemplate, {}) == "7: 10-pods.conflist: nothing is set for ${podCIDR}");
  CHECK(refusal(R"({"a": "${b} ${a} ${b}"})", {}) == "7: 10-pods.conflist: nothing is set for ${a}, ${b}");
  CHECK(refusal(kTemplate, {{"podCIDR", "x"}, {"mtu", "1400"}}) ==
        "7: 10-pods.conflist: nothing asks for ${mtu}; it has ${podCIDR}");
  CHECK(refusal("{}", {{"mtu", "1400"}}) == "7: 10-pods.conflist: nothing asks for ${mtu}; it has none");
}

TEST_CASE("what only begins like a placeholder is told") {
  for (const std::string text :
       {R"({"a": "${"})", R"({"a": "${}"})", R"({"a": "${pod CIDR}"})", R"({"a": "${podCIDR"})"}) {
    CHECK_MESSAGE(refusal(text, {}).find("begins like a placeholder and is none; wanted: ${KEY}") != std::string::npos,
                  text);
  }
}

TEST_CASE("a template that is no JSON is refused, so no placeholder is outside a string") {
  CHECK(refusal(R"({"mtu": ${mtu}})", {{"mtu", "1400"}}).starts_with("6: 10-pods.conflist: not JSON: "));
}

TEST_CASE("KEY=VALUE: a value may hold anything, also =") {
  const cli::TemplateValues values = cli::parse_template_values({"a=b=c", "pod.CIDR_4-x= "}, {});
  CHECK(values == cli::TemplateValues{{"a", "b=c"}, {"pod.CIDR_4-x", " "}});
  CHECK(wrong_setting("podCIDR") == "--set podCIDR: wanted: KEY=VALUE");
  CHECK(wrong_setting("=x") == "--set =x: wanted: KEY=VALUE");
  CHECK(wrong_setting("pod CIDR=x") == "--set pod CIDR=x: wanted: KEY=VALUE");
  CHECK(wrong_setting("podCIDR=") == "--set podCIDR=: the value is empty");
  CHECK_THROWS_WITH(cli::parse_template_values({"a=1", "a=2"}, {}), "a is set twice");
}
