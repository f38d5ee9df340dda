// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/call_log.h"

#include <fcntl.h>

#include <stdexcept>

#include "lib/log/call.h"
#include "lib/log/log.h"
#include "tests/lib/cni/call.h"
#include "tests/lib/log/own_process.h"
#include "tests/lib/os/temporary_directory.h"

using cni::Environment;
using cni::Json;

namespace {

cni::Plugin plugin_that(const std::function<cni::Result(const cni::Request&)>& add) {
  cni::Plugin plugin;
  plugin.name = "test";
  plugin.add = add;
  return plugin;
}

cni::Result add_nothing(const cni::Request& /*request*/) { return {}; }

// A configuration of version 1.1.0 for network "n", with other keys.
std::string config(const std::string& keys) { return R"({"cniVersion": "1.1.0", "name": "n", )" + keys + "}"; }

// The stderr of a call.
std::string output_of_call(const cni::Plugin& plugin, const Environment& environment, const std::string& input,
                           const char* setting = nullptr) {
  return output_of(setting, [&] {
    const logging::Call call(plugin.name);
    cni::answer(plugin, environment, [&] { return input; });
  });
}

// The log line of a call whose configuration sets the log file.
Json line_of(const cni::Plugin& plugin, const Environment& environment, const std::string& keys = R"("type": "test")") {
  const TemporaryDirectory temporary;
  CHECK(output_of_call(plugin, environment, config(R"("logFile": ")" + temporary.path("log") + "\", " + keys)) == "");
  return Json::parse(temporary.read("log"));
}

}  // namespace

TEST_CASE("ADD, DEL and CHECK are logged to the configured file, with the owner") {
  for (const char* verb : {"ADD", "DEL", "CHECK"}) {
    const Json line = line_of(plugin_that(add_nothing), environment_of(verb));
    CHECK(line["plugin"] == "test");
    CHECK(line["verb"] == verb);
    CHECK(line["owner"] == "n/c1/eth0");
    CHECK(line["netns"] == "/no/netns");
    CHECK(line["level"] == "info");
    CHECK(line["us"].contains("request"));
    CHECK_FALSE(line.contains("error"));
  }
}

TEST_CASE("STATUS and GC are logged with the network, whatever else the environment contains") {
  for (const char* verb : {"STATUS", "GC"}) {
    CHECK(line_of(plugin_that(add_nothing), environment_of(verb), R"("cni.dev/valid-attachments": [])")["owner"] ==
          "n");
  }
}

TEST_CASE("the log line contains the error of the answer, whatever the exception was") {
  const auto error_in_line = [](const std::function<void()>& fail) {
    const Json line = line_of(plugin_that([&](const cni::Request&) {
                                fail();
                                return cni::Result();
                              }),
                              environment_of("ADD"));
    CHECK(line["level"] == "error");
    return line["error"].dump();
  };
  CHECK(error_in_line([] { throw cni::Error(101, "host port is taken", "by c2"); }) ==
        R"({"code":101,"details":"by c2","msg":"host port is taken"})");
  CHECK(error_in_line([] { throw std::system_error(EPERM, std::generic_category(), "add address"); }) ==
        R"({"code":999,"msg":"add address: Operation not permitted"})");
  CHECK(error_in_line([] { throw std::logic_error("unforeseen"); }) == R"({"code":999,"msg":"unforeseen"})");
}

TEST_CASE("a call that ends with an unknown exception fails and is logged") {
  const TemporaryDirectory temporary;
  temporary.write("config", config(R"("type": "test")"));
  const std::string line = output_of("info", [&] {
    for (const auto& [name, value] : environment_of("ADD")) ::setenv(name.c_str(), value.c_str(), 1);
    ::dup2(::open(temporary.path("config").c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    if (cni::serve(plugin_that([](const cni::Request&) -> cni::Result { throw 42; })) != 1) ::_exit(1);
  });
  CHECK(line.find(" error test ADD n/c1/eth0 ") != std::string::npos);
  CHECK(line.ends_with("error={\"code\":999,\"msg\":\"the call ended with an unknown exception\"}\n"));
}

TEST_CASE("a rejected request is logged with the known values") {
  const Json line = line_of(plugin_that(add_nothing), environment_of("FLY"));
  CHECK(line["verb"] == "FLY");
  CHECK(line["owner"] == "n/c1/eth0");
  CHECK(line["error"]["msg"] == "unknown CNI_COMMAND: FLY");
  const auto refused = [](const Environment& environment, const std::string& input) {
    return output_of_call(plugin_that(add_nothing), environment, input, "info");
  };
  CHECK(refused(environment_of("ADD"), "no JSON").find(" error test ADD /c1/eth0 ") != std::string::npos);
  CHECK(refused(environment_of("ADD"), R"({"name": 5})").find(" error test ADD /c1/eth0 ") != std::string::npos);
  CHECK(refused({{"CNI_COMMAND", "ADD"}}, "{}").find(" error test ADD // ") != std::string::npos);
}

TEST_CASE("logging keys of other programs cause a warning and change nothing") {
  for (const char* verb : {"ADD", "DEL"}) {
    const auto warnings_of = [&](const std::string& keys) {
      return output_of_call(plugin_that(add_nothing), environment_of(verb), config(keys));
    };
    CHECK(warnings_of(R"("logLevel": "verbose")") ==
          "test: warning: logLevel: unknown log level \"verbose\"; allowed: trace, debug, info, warn, error, off\n");
    CHECK(warnings_of(R"("logFile": "multus.log", "logLevel": null)") ==
          "test: warning: logFile: \"multus.log\" is not allowed; allowed: an absolute path\n");
    CHECK(warnings_of(R"("logFile": 5, "logLevel": {"a": 1})") ==
          "test: warning: logLevel: {\"a\":1} is not a string, ignored\n"
          "test: warning: logFile: 5 is not a string, ignored\n");
    CHECK(warnings_of(R"("logFile": "", "logLevel": "")") == "");
    CHECK(warnings_of(R"("logFile": null, "logLevel": "off")") == "");
  }
}

TEST_CASE("the log contains neither the configuration nor CNI_ARGS") {
  Environment environment = environment_of("ADD");
  environment["CNI_ARGS"] = "PASSWORD=secret1";
  environment["AWS_TOKEN"] = "secret2";
  const std::string line =
      output_of_call(plugin_that(add_nothing), environment, config(R"("password": "secret3")"), "trace");
  CHECK(line.find(" ADD n/c1/eth0 ") != std::string::npos);
  CHECK(line.find("secret") == std::string::npos);
}

TEST_CASE("VERSION and the version text are logged at level debug, not at info") {
  const auto output = [](const Environment& environment, const char* level) {
    return output_of_call(plugin_that(add_nothing), environment, "", level);
  };
  for (const Environment& environment : {Environment{}, Environment{{"CNI_COMMAND", "VERSION"}}}) {
    CHECK(output(environment, "info") == "");
    const std::string verb = environment.empty() ? "about" : "VERSION";
    CHECK(output(environment, "debug").find(" debug test " + verb + " pid=") != std::string::npos);
  }
}
