// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/serve.h"

#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <doctest/doctest.h>

#include "lib/cni/result_json.h"
#include "tests/lib/cni/call.h"

using cni::Answer;
using cni::Environment;
using cni::Version;

namespace {

constexpr std::array kSome{Version::v0_4_0, Version::v1_0_0};
const std::string kAllowed = "; allowed: letters, digits, _ . and -; the first must be a letter or a digit";
const std::string kConfig = R"({"cniVersion": "1.0.0", "name": "n", "type": "test"})";

// A plugin that counts its calls and returns an empty result.
struct Plugin {
  std::string calls;
  cni::Plugin plugin;

  Plugin() {
    const auto note = [this](const char* verb) { return [this, verb](const cni::Request&) { calls += verb; }; };
    plugin.name = "test";
    plugin.add = [this](const cni::Request&) {
      calls += "add";
      return cni::Result();
    };
    plugin.del = note("del");
    plugin.check = note("check");
  }

  Answer call(const Environment& environment, const std::string& config = kConfig) {
    return cni::answer(plugin, environment, [&config] { return config; });
  }

  // The error of a call that must fail before the plugin is called.
  std::string refusal(const Environment& environment, const std::string& config = kConfig) {
    const Answer answer = call(environment, config);
    CHECK(answer.exit_code == 1);
    CHECK(answer.err.empty());
    CHECK(calls.empty());
    return error_text(answer.out);
  }
};

Environment without(Environment environment, const std::string& name) {
  environment.erase(name);
  return environment;
}

Environment with(Environment environment, const std::string& name, const std::string& value) {
  environment[name] = value;
  return environment;
}

std::string must_not_read() { throw std::logic_error("stdin must not be read"); }

}  // namespace

TEST_CASE("without CNI_COMMAND a plugin prints its name and versions to stderr and reads nothing") {
  Plugin test;
  test.plugin.versions = kSome;
  for (const Environment& environment : {Environment{}, Environment{{"CNI_COMMAND", ""}, {"CNI_PATH", "/x"}}}) {
    const Answer answer = cni::answer(test.plugin, environment, must_not_read);
    CHECK(answer.exit_code == 0);
    CHECK(answer.out.empty());
    CHECK(answer.err.starts_with("CNI test plugin "));
    CHECK(answer.err.substr(answer.err.find('\n')) == "\nCNI protocol versions supported: 0.4.0, 1.0.0\n");
  }
}

TEST_CASE("VERSION prints one line, needs no other variable and reads nothing") {
  Plugin test;
  const Answer all = cni::answer(test.plugin, {{"CNI_COMMAND", "VERSION"}}, must_not_read);
  CHECK(all.exit_code == 0);
  CHECK(all.out ==
        "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.1.0\",\"0.2.0\",\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\","
        "\"1.1.0\"]}\n");
  test.plugin.versions = kSome;
  CHECK(cni::answer(test.plugin, {{"CNI_COMMAND", "VERSION"}}, must_not_read).out ==
        "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.4.0\",\"1.0.0\"]}\n");
}

TEST_CASE("missing variables are reported together, in the order of the specification") {
  Plugin test;
  CHECK(test.refusal({{"CNI_COMMAND", "ADD"}}) ==
        "4: required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH] missing");
  CHECK(test.refusal({{"CNI_COMMAND", "CHECK"}}) ==
        "4: required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH] missing");
  CHECK(test.refusal({{"CNI_COMMAND", "DEL"}}) ==
        "4: required env variables [CNI_CONTAINERID,CNI_IFNAME,CNI_PATH] missing");
  CHECK(test.refusal({{"CNI_COMMAND", "STATUS"}}) == "4: required env variables [CNI_PATH] missing");
  CHECK(test.refusal({{"CNI_COMMAND", "GC"}}) == "4: required env variables [CNI_PATH] missing");
  for (const char* name : {"CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"}) {
    const std::string expected = "4: required env variables [" + std::string(name) + "] missing";
    CHECK(test.refusal(without(environment_of("ADD"), name)) == expected);
    CHECK(test.refusal(with(environment_of("ADD"), name, "")) == expected);
  }
}

TEST_CASE("a missing variable is reported before stdin is read") {
  Plugin test;
  const Answer answer = cni::answer(test.plugin, {{"CNI_COMMAND", "ADD"}}, must_not_read);
  CHECK(error_text(answer.out).starts_with("4: required env variables"));
}

TEST_CASE("a bad container id or interface name is reported before missing variables, the id first") {
  Plugin test;
  CHECK(test.refusal({{"CNI_COMMAND", "ADD"}, {"CNI_CONTAINERID", "a/b"}, {"CNI_IFNAME", "x/y"}}) ==
        "4: invalid characters in containerID [a/b" + kAllowed + "]");
  CHECK(test.refusal({{"CNI_COMMAND", "DEL"}, {"CNI_IFNAME", "x/y"}})
            .starts_with("4: interface name contains / or : or whitespace characters"));
}

TEST_CASE("a container id consists of letters and digits, and after the first also _ . -") {
  Plugin test;
  for (const char* id : {"-x", "x/y", ".x", "_x", "a b", "a\n", "\u00e9"}) {
    CHECK(test.refusal(with(environment_of("ADD"), "CNI_CONTAINERID", id)) ==
          "4: invalid characters in containerID [" + std::string(id) + kAllowed + "]");
  }
  for (const std::string& id : {std::string("x"), std::string("0a_b.c-"), std::string(200, 'x')}) {
    CHECK(test.call(with(environment_of("ADD"), "CNI_CONTAINERID", id)).exit_code == 0);
  }
}

TEST_CASE("a bad interface name is reported in the words of the reference") {
  Plugin test;
  const auto refusal = [&](const char* name) { return test.refusal(with(environment_of("ADD"), "CNI_IFNAME", name)); };
  CHECK(refusal("0123456789abcdef")
            .starts_with("4: interface name is too long [interface name should be less than 16 characters"));
  CHECK(refusal(".").starts_with("4: interface name is . or .."));
  CHECK(refusal("..").starts_with("4: interface name is . or .."));
  for (const char* name : {"a/b", "a:b", "a b", "a\u00a0b"}) {
    CHECK(refusal(name).starts_with("4: interface name contains / or : or whitespace characters"));
  }
  CHECK(test.call(with(environment_of("ADD"), "CNI_IFNAME", "0123456789abcde")).exit_code == 0);
}

TEST_CASE("GC and STATUS ignore container and interface") {
  Plugin test;
  const std::string newest = R"({"cniVersion": "1.1.0", "name": "n"})";
  for (const char* verb : {"GC", "STATUS"}) {
    const Answer answer = test.call(
        {{"CNI_COMMAND", verb}, {"CNI_PATH", "/x"}, {"CNI_CONTAINERID", "a/b"}, {"CNI_IFNAME", ".."}}, newest);
    CHECK(answer.exit_code == 0);
    CHECK(answer.out.empty());
  }
}

TEST_CASE("a configuration that is not a JSON object is code 6") {
  Plugin test;
  const auto refusal = [&](const std::string& config) { return test.refusal(environment_of("ADD"), config); };
  CHECK(refusal("") == "6: error unmarshall network config: unexpected end of JSON input");
  CHECK(refusal(" \n") == "6: error unmarshall network config: unexpected end of JSON input");
  for (const char* bad : {"{", "name", "{\"name\": \"n\"} x", "{'name': 'n'}", "[]", "5", "null", "{\"name\":1}"}) {
    CHECK_MESSAGE(refusal(bad).starts_with("6: error unmarshall network config: "), bad);
  }
}

TEST_CASE("a very deeply nested configuration is rejected and does not crash the plugin") {
  Plugin test;
  const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
  CHECK(test.refusal(environment_of("ADD"), "{\"name\": " + deep + "}") ==
        "6: error unmarshall network config: nested deeper than 1000 levels");
  CHECK(test.refusal(environment_of("ADD"), "{\"name\": \"n\", \"x\": " + deep + "}") ==
        "6: error unmarshall network config: nested deeper than 1000 levels");
}

TEST_CASE("the network name must be valid") {
  Plugin test;
  const auto refusal = [&](const std::string& config) { return test.refusal(environment_of("ADD"), config); };
  CHECK(refusal("{}").starts_with("7: missing network name"));
  CHECK(refusal(R"({"name": ""})").starts_with("7: missing network name"));
  CHECK(refusal(R"({"name": null})").starts_with("7: missing network name"));
  CHECK(refusal(R"({"name": "a b"})") == "7: invalid characters found in network name [a b" + kAllowed + "]");
  CHECK(refusal(R"({"name": "../n"})") == "7: invalid characters found in network name [../n" + kAllowed + "]");
  CHECK(test.call(environment_of("ADD"), R"({"NAME": "n", "cniVersion": "1.0.0"})").exit_code == 0);
}

TEST_CASE("an unknown verb is reported after the configuration is valid, with and without CNI_PATH") {
  Plugin test;
  CHECK(test.refusal(environment_of("add")) == "4: unknown CNI_COMMAND: add");
  CHECK(test.refusal({{"CNI_COMMAND", "FLY"}}) == "4: unknown CNI_COMMAND: FLY");
  CHECK(test.refusal({{"CNI_COMMAND", "FLY"}}, "{}").starts_with("7: missing network name"));
}

TEST_CASE("a version that the plugin does not support is code 1, with both sides in the text") {
  Plugin test;
  test.plugin.versions = kSome;
  const auto refusal = [&](const std::string& config) { return test.refusal(environment_of("ADD"), config); };
  for (const char* version : {"0.5.0", "1.2.0", "x", "0.3.1", "1.0", "1.0.0 ", "v1.0.0"}) {
    CHECK(refusal(R"({"name": "n", "cniVersion": ")" + std::string(version) + "\"}") ==
          "1: incompatible CNI versions [config is \"" + std::string(version) +
              "\", plugin supports [\"0.4.0\" \"1.0.0\"]]");
  }
  CHECK(refusal(R"({"name": "n"})") ==
        "1: incompatible CNI versions [config is \"\", plugin supports [\"0.4.0\" \"1.0.0\"]]");
  CHECK(refusal(R"({"name": "n", "cniVersion": 1})") ==
        "6: decoding version from network config: cniVersion: 1 is not a string");
}

TEST_CASE("without a version, or with an empty one, the configuration has version 0.1.0") {
  CHECK(request_of(R"({"name": "n"})").version == Version::v0_1_0);
  CHECK(request_of(R"({"name": "n", "cniVersion": ""})").version == Version::v0_1_0);
  CHECK(request_of(R"({"name": "n", "cniVersion": "0.3.1"})").version == Version::v0_3_1);
}

TEST_CASE("CHECK exists since 0.4.0, GC and STATUS since 1.1.0") {
  Plugin test;
  const auto config = [](const char* version) {
    return R"({"name": "n", "cniVersion": ")" + std::string(version) + "\"}";
  };
  CHECK(test.refusal(environment_of("CHECK"), config("0.3.1")).starts_with("1: config version does not allow CHECK"));
  CHECK(test.refusal(environment_of("GC"), config("1.0.0")).starts_with("1: config version does not allow GC"));
  CHECK(test.refusal(environment_of("STATUS"), config("1.0.0")).starts_with("1: config version does not allow STATUS"));
  CHECK(test.call(environment_of("CHECK"), config("0.4.0")).exit_code == 0);
  CHECK(test.calls == "check");
  CHECK(test.call(environment_of("GC"), config("1.1.0")).exit_code == 0);
  CHECK(test.call(environment_of("STATUS"), config("1.1.0")).exit_code == 0);
}

TEST_CASE("every error object has a cniVersion: the configuration's, or the plugin's newest if that is unknown") {
  Plugin test;
  const auto version_of = [](const Answer& answer) { return cni::Json::parse(answer.out)["cniVersion"]; };
  test.plugin.add = [](const cni::Request&) -> cni::Result { throw cni::Error(11, "try again"); };
  CHECK(version_of(test.call(environment_of("ADD"), R"({"name": "n", "cniVersion": "0.4.0"})")) == "0.4.0");
  CHECK(version_of(test.call(environment_of("GC"), R"({"name": "n", "cniVersion": "0.4.0"})")) == "0.4.0");
  CHECK(version_of(test.call(environment_of("ADD"), R"({"name": "n", "cniVersion": "7"})")) == "1.1.0");
  CHECK(version_of(test.call(environment_of("ADD"), "")) == "1.1.0");
  CHECK(version_of(test.call({{"CNI_COMMAND", "ADD"}})) == "1.1.0");
}

TEST_CASE("GC gets the living attachments under either key, the correct one first, and null is an empty list") {
  const auto alive = [](const std::string& keys) {
    return request_of(R"({"cniVersion": "1.1.0", "name": "n")" + keys + "}", environment_of("GC")).alive();
  };
  const std::string c1 = R"([{"containerID": "c1", "ifname": "eth0"}])";
  CHECK(alive(", \"cni.dev/valid-attachments\": " + c1)->is_alive("c1", "eth0"));
  CHECK(alive(", \"cni.dev/attachments\": " + c1)->is_alive("c1", "eth0"));
  CHECK_FALSE(alive(", \"cni.dev/valid-attachments\": [], \"cni.dev/attachments\": " + c1)->is_alive("c1", "eth0"));
  CHECK(alive(", \"cni.dev/valid-attachments\": null")->is_abandoned("n/c1/eth0"));
  CHECK_FALSE(alive("").has_value());
}

TEST_CASE("a bad entry in the list of living attachments is an error, and nothing is collected") {
  Plugin test;
  test.plugin.versions = cni::kAllVersions;
  test.plugin.gc = [&test](const cni::Request&) { test.calls += "gc"; };
  const auto refusal = [&test](const std::string& list) {
    return test.refusal(environment_of("GC"),
                        R"({"cniVersion": "1.1.0", "name": "n", "cni.dev/valid-attachments": )" + list + "}");
  };
  CHECK(
      refusal("5").starts_with("7: failed to load netconf: cni.dev/valid-attachments: 5 is a number; allowed: a list"));
  CHECK(refusal(R"([{"containerID": "c1"}])")
            .starts_with("7: failed to load netconf: cni.dev/valid-attachments[0].ifname: it is missing; allowed: "));
  CHECK(refusal(R"([{"containerID": "a/b", "ifname": "eth0"}])")
            .starts_with("7: failed to load netconf: cni.dev/valid-attachments[0].containerID: bad value \"a/b\""));
}

TEST_CASE("GC without the list of living attachments collects nothing and succeeds, as in the reference") {
  Plugin test;
  test.plugin.versions = cni::kAllVersions;
  test.plugin.gc = [&test](const cni::Request&) { test.calls += "gc"; };
  const Answer answer = test.call(environment_of("GC"), R"({"cniVersion": "1.1.0", "name": "n"})");
  CHECK(answer.exit_code == 0);
  CHECK(answer.out.empty());
  CHECK(test.calls.empty());
  CHECK(
      test.call(environment_of("GC"), R"({"cniVersion": "1.1.0", "name": "n", "cni.dev/attachments": []})").exit_code ==
      0);
  CHECK(test.calls == "gc");
}

TEST_CASE("ADD prints its result, DEL prints nothing") {
  Plugin test;
  CHECK(test.call(environment_of("ADD")).out == "{\n    \"cniVersion\": \"1.0.0\"\n}");
  CHECK(test.call(environment_of("DEL")).out.empty());
  CHECK(test.calls == "adddel");
}

TEST_CASE("an ADD whose result the version cannot express is undone") {
  Plugin test;
  test.plugin.versions = cni::kAllVersions;
  const Answer answer = test.call(environment_of("ADD"), R"({"name": "n", "cniVersion": "0.2.0"})");
  CHECK(error_text(answer.out) == "999: cannot convert: no valid IP addresses");
  CHECK(test.calls == "adddel");
}

TEST_CASE("the error object has code, msg and details, indented, without a final newline") {
  CHECK(cni::print_error(cni::Error(7, "a <b> & c", "more"), "1.0.0") ==
        "{\n    \"cniVersion\": \"1.0.0\",\n    \"code\": 7,\n    \"msg\": \"a \\u003cb\\u003e \\u0026 c\",\n"
        "    \"details\": \"more\"\n}");
  CHECK(cni::print_error(cni::Error(4, "text"), "") == "{\n    \"code\": 4,\n    \"msg\": \"text\"\n}");
  CHECK(cni::print_error(cni::Error(4, "not \xff UTF-8"), "").find("not \xef\xbf\xbd UTF-8") != std::string::npos);
}

TEST_CASE("an error object is short even if it quotes long input") {
  const std::string text =
      cni::print_error({cni::kBadEnvironment, std::string(1000000, 'x'), std::string(1000000, 'y')}, "");
  CHECK(text.size() < 10000);
  CHECK(text.find("xxx ... xxx") != std::string::npos);
}

TEST_CASE("a plugin's cni::Error is returned unchanged, any other exception as 999") {
  Plugin test;
  test.plugin.add = [](const cni::Request&) -> cni::Result { throw cni::Error(11, "try again", "busy"); };
  CHECK(error_text(test.call(environment_of("ADD")).out) == "11: try again [busy]");
  test.plugin.add = [](const cni::Request&) -> cni::Result { throw std::runtime_error("add address: File exists"); };
  CHECK(error_text(test.call(environment_of("ADD")).out) == "999: add address: File exists");
}

TEST_CASE("stdin that cannot be read is code 5") {
  Plugin test;
  const Answer answer = cni::answer(test.plugin, environment_of("ADD"), []() -> std::string {
    throw cni::Error(cni::kInputOutput, "error reading from stdin: Input/output error");
  });
  CHECK(error_text(answer.out) == "5: error reading from stdin: Input/output error");
}

TEST_CASE("ADD into the caller's own namespace is rejected at once, unless CNI_NETNS_OVERRIDE is set") {
  Plugin test;
  const Environment own = with(environment_of("ADD"), "CNI_NETNS", "/proc/self/ns/net");
  CHECK(test.refusal(own) == "8: plugin's netns and netns from CNI_NETNS should not be the same [/proc/self/ns/net]");
  for (const char* no : {"0", "yes", "false"})
    CHECK(test.refusal(with(own, "CNI_NETNS_OVERRIDE", no)).starts_with("8: "));
  for (const char* yes : {"1", "true", "TRUE", "True"}) {
    CHECK(test.call(with(own, "CNI_NETNS_OVERRIDE", yes)).exit_code == 0);
  }
  CHECK(test.call(with(own, "CNI_COMMAND", "CHECK")).exit_code == 0);
}

TEST_CASE("DEL in the caller's own namespace runs without a namespace: the container's is gone") {
  Plugin test;
  std::string netns = "not asked";
  test.plugin.del = [&](const cni::Request& request) { netns = request.netns; };
  const Environment own = with(environment_of("DEL"), "CNI_NETNS", "/proc/self/ns/net");
  CHECK(test.call(own).exit_code == 0);
  CHECK(netns.empty());
  CHECK(test.call(with(own, "CNI_NETNS_OVERRIDE", "1")).exit_code == 0);
  CHECK(netns == "/proc/self/ns/net");
}

TEST_CASE("only a successful ADD can be undone, by its own DEL") {
  Plugin test;
  CHECK_FALSE(test.call(environment_of("DEL")).undo);
  test.call(environment_of("ADD")).undo();
  CHECK(test.calls == "deladddel");
  test.plugin.add = [](const cni::Request&) -> cni::Result { throw cni::Error(11, "try again"); };
  CHECK_FALSE(test.call(environment_of("ADD")).undo);
}

TEST_CASE("a temporary failure is code 11") {
  Plugin test;
  for (const int error : {EAGAIN, ETIMEDOUT}) {
    test.plugin.add = [error](const cni::Request&) -> cni::Result {
      throw std::system_error(error, std::generic_category(), "lock");
    };
    CHECK(error_text(test.call(environment_of("ADD")).out).starts_with("11: lock: "));
  }
}

TEST_CASE("a request contains all that a plugin or a delegate needs") {
  const std::string config = R"( {"name": "n", "cniVersion": "1.0.0", "ipam": {"type": "host-local"}} )";
  Environment environment = with(environment_of("ADD"), "CNI_ARGS", "A=b");
  environment["CNI_PATH"] = "/a::/b";
  environment["OTHER"] = "kept";
  const cni::Request request = request_of(config, environment);
  CHECK(request.input == config);
  CHECK(request.environment == environment);
  CHECK(request.args == "A=b");
  CHECK(request.path == std::vector<std::string>{"/a", "", "/b"});
  CHECK(request.owner().text() == "n/c1/eth0");
  CHECK(request.netns == "/no/netns");
  CHECK(request.ipam_type() == "host-local");
  for (const char* none : {R"({"name": "n"})", R"({"name": "n", "ipam": {}})", R"({"name": "n", "ipam": {"type": ""}})",
                           R"({"name": "n", "ipam": null})"}) {
    CHECK(request_of(none).ipam_type() == std::nullopt);
  }
}

TEST_CASE("the process's environment is read completely, with empty values and equal signs") {
  REQUIRE(::setenv("FOOTBRIDGE_TEST", "a=b", 1) == 0);
  REQUIRE(::setenv("FOOTBRIDGE_EMPTY", "", 1) == 0);
  const Environment environment = cni::environment_of_process();
  CHECK(environment.at("FOOTBRIDGE_TEST") == "a=b");
  CHECK(environment.at("FOOTBRIDGE_EMPTY").empty());
  ::unsetenv("FOOTBRIDGE_TEST");
  ::unsetenv("FOOTBRIDGE_EMPTY");
}
