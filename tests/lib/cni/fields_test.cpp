// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/fields.h"

#include <stdexcept>

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

using cni::Fields;
using cni::Json;

namespace {

// JSON together with its Fields, which do not own it.
struct Config {
  Json json;
  Fields fields;
  explicit Config(const std::string& text) : json(cni::parse_json(text)), fields(json) {}
};

}  // namespace

TEST_CASE("values are parsed by type") {
  const Config config(R"({"text": "a", "yes": true, "no": false, "number": -5, "object": {"inner": "b"},
      "texts": ["a", "b"], "objects": [{"n": 1}, {"n": 2}], "lists": [[{"n": 3}], [], [{"n": 4}, {"n": 5}]]})");
  CHECK(config.fields.text("text") == "a");
  CHECK(config.fields.flag("yes"));
  CHECK_FALSE(config.fields.flag("no", true));
  CHECK(config.fields.number("number", -5, 5) == -5);
  CHECK(config.fields.object("object")->text("inner") == "b");
  CHECK(config.fields.texts("texts") == std::vector<std::string>{"a", "b"});
  CHECK(config.fields.objects("objects").at(1).number("n", 0, 9) == 2);
  const auto lists = config.fields.lists_of_objects("lists");
  REQUIRE(lists.size() == 3);
  CHECK(lists[1].empty());
  CHECK(lists[2][1].number("n", 0, 9) == 5);
  CHECK(lists[2][1].path() == "lists[2][1]");
}

TEST_CASE("absent and null values have their defaults") {
  for (const char* text : {"{}", R"({"k": null})"}) {
    const Config config(text);
    CHECK_FALSE(config.fields.has("k"));
    CHECK(config.fields.text("k") == std::nullopt);
    CHECK(config.fields.text_or("k", "default") == "default");
    CHECK(config.fields.flag("k", true));
    CHECK_FALSE(config.fields.flag("k"));
    CHECK(config.fields.number("k", 0, 1) == std::nullopt);
    CHECK_FALSE(config.fields.object("k"));
    CHECK(config.fields.objects("k").empty());
    CHECK(config.fields.texts("k").empty());
    CHECK(config.fields.lists_of_objects("k").empty());
  }
}

TEST_CASE("a key matches in any case, but an exact match wins") {
  CHECK(Config(R"({"isgateway": true})").fields.flag("isGateway"));
  CHECK(Config(R"({"HostPort": 8080})").fields.number("hostPort", 1, 65535) == 8080);
  CHECK(Config(R"({"MTU": 1, "mtu": 2, "Mtu": 3})").fields.number("mtu", 0, 9) == 2);
  CHECK_FALSE(Config(R"({"mtus": 1, "mt": 2})").fields.has("mtu"));
}

TEST_CASE("the last of two equal keys counts") {
  CHECK(Config(R"({"mtu": 1, "mtu": 2})").fields.number("mtu", 0, 9) == 2);
  CHECK(Config(R"({"o": {"a": "x"}, "o": {"b": "y"}})").fields.object("o")->text("a") == std::nullopt);
}

TEST_CASE("a wrong type is reported with key, value and allowed values") {
  const Config config(R"({"n": 5, "t": "x", "o": {"deep": {"n": 1.0}}, "l": [1], "ll": [{}], "lo": [{}, 2]})");
  const Fields& fields = config.fields;
  CHECK(error_of([&] { return fields.text("n"); }) == "7: failed to load netconf: n: 5 is a number; allowed: a string");
  CHECK(error_of([&] { return fields.flag("t"); }) ==
        "7: failed to load netconf: t: \"x\" is a string; allowed: true or false");
  CHECK(error_of([&] { return fields.number("t", 1, 2); }) ==
        "7: failed to load netconf: t: \"x\" is a string; allowed: an integer from 1 to 2");
  CHECK(error_of([&] { return fields.object("o")->object("deep")->number("n", 1, 2); }) ==
        "7: failed to load netconf: o.deep.n: 1.0 is a number; allowed: an integer from 1 to 2");
  CHECK(error_of([&] { return fields.object("l"); }) ==
        "7: failed to load netconf: l: [1] is a list; allowed: an object");
  CHECK(error_of([&] { return fields.texts("l"); }) ==
        "7: failed to load netconf: l[0]: 1 is a number; allowed: a string");
  CHECK(error_of([&] { return fields.texts("n"); }) ==
        "7: failed to load netconf: n: 5 is a number; allowed: a list of strings");
  CHECK(error_of([&] { return fields.objects("lo"); }) ==
        "7: failed to load netconf: lo[1]: 2 is a number; allowed: an object");
  CHECK(error_of([&] { return fields.lists_of_objects("ll"); }) ==
        "7: failed to load netconf: ll[0]: {} is an object; allowed: a list of objects");
  const Json list = Json::array();
  CHECK(error_of([&] { const Fields no_object(list); }) ==
        "7: failed to load netconf: the configuration: [] is a list; allowed: an object");
}

TEST_CASE("numbers of any size are checked against their bounds") {
  const Config config(R"({"a": 0, "b": 65536, "c": 18446744073709551615, "d": 99999999999999999999999, "e": 65535})");
  for (const char* key : {"a", "b", "c"}) {
    CHECK(error_of([&] { return config.fields.number(key, 1, 65535); }) ==
          "7: failed to load netconf: " + std::string(key) + ": bad value " + config.json[key].dump() +
              "; allowed: an integer from 1 to 65535");
  }
  CHECK(error_of([&] { return config.fields.number("d", 1, 65535); }).starts_with("7: failed to load netconf: d: "));
  CHECK(config.fields.number("e", 1, 65535) == 65535);
  CHECK(error_of([&] { return config.fields.number("b", -65535, 65535, "0, or 68 to 65535"); }) ==
        "7: failed to load netconf: b: bad value 65536; allowed: 0, or 68 to 65535");
}

TEST_CASE("a long value is shortened in a message") {
  const Config config("{\"t\": [\"" + std::string(100000, 'x') + "\"]}");
  CHECK(error_of([&] { return config.fields.text("t"); }).size() < 300);
}

TEST_CASE("a message of the JSON parser is shortened, and the reason at its end is kept") {
  const auto words = [](const std::string& text) {
    try {
      cni::parse_json(text);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(words("{\"name\": \"" + std::string(100000, 'x')).size() < 500);
  CHECK(words("[" + std::string(100000, '9') + "]").size() < 500);
  CHECK(words("{\"name\": \"" + std::string(100000, 'x')).find("column 100011") != std::string::npos);
  CHECK(cni::shortened("1234567890", 4) == "12 ... 90");
  CHECK(cni::shortened("1234", 4) == "1234");
}

TEST_CASE("a value that is not allowed is reported in the same way") {
  const Config config(R"({"ipam": {"subnet": "10.1.0.0"}})");
  CHECK(error_text(config.fields.object("ipam")->error("subnet", "a network")) ==
        "7: failed to load netconf: ipam.subnet: bad value \"10.1.0.0\"; allowed: a network");
  CHECK(error_text(config.fields.error("name", "a name")) ==
        "7: failed to load netconf: name: it is missing; allowed: a name");
}

TEST_CASE("JSON text must be complete, and its depth is limited") {
  CHECK(cni::parse_json(R"({"a": [1, {"b": null}]})") == Json::parse(R"({"a": [1, {"b": null}]})"));
  CHECK_THROWS_AS(cni::parse_json("{"), std::invalid_argument);
  CHECK_THROWS_AS(cni::parse_json("{} {}"), std::invalid_argument);
  CHECK_THROWS_AS(cni::parse_json("\"\xff\""), std::invalid_argument);
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  CHECK_NOTHROW(cni::parse_json(nested(1000)));
  CHECK_THROWS_WITH_AS(cni::parse_json(nested(1002)), "nested deeper than 1000 levels", std::invalid_argument);
}
