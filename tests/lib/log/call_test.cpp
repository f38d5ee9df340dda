// SPDX-License-Identifier: Apache-2.0
#include "lib/log/call.h"

#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>

#include "lib/log/log.h"
#include "tests/lib/log/own_process.h"
#include "tests/lib/os/temporary_directory.h"

using logging::Call;

namespace {

using Json = nlohmann::ordered_json;

void identify(logging::Record& record) {
  record.verb = "ADD";
  record.owner = "net/c1/eth0";
  record.netns = "/run/netns/red";
}

void add(const std::optional<std::string>& level = {}, const std::optional<std::string>& file = {}) {
  Call call("bridge");
  identify(call.record());
  call.configure(level, file);
  logging::debug("three links");
  logging::info("nftables is used");
  logging::record_action(logging::is_recording() ? "ip link set lo up" : "not recorded");
}

void fail() {
  Call call("bridge");
  identify(call.record());
  call.configure({}, {});
  logging::warn("no mark is needed");
  call.record().failure = {11, "try again", ""};
}

void ask_for_the_version() {
  Call call("bridge");
  call.record().verb = "VERSION";
  call.record().usual = logging::Level::debug;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a call writes no line unless requested") {
  CHECK(output_of(nullptr, [] { add(); }) == "");
  CHECK(output_of(nullptr, fail) == "bridge: warning: no mark is needed\n");
}

TEST_CASE("without a file the line goes to stderr") {
  const std::string line = output_of("info", [] { add(); });
  CHECK(lines(line) == 1);
  CHECK(line.find(" info bridge ADD net/c1/eth0 netns=/run/netns/red pid=") != std::string::npos);
  CHECK(line.find(R"( done=["ip link set lo up"] us={"total":)") != std::string::npos);
}

TEST_CASE("in a file the line is JSON, and warnings also go to stderr") {
  const TemporaryDirectory temporary;
  const std::string setting = "info:" + temporary.path("log");
  CHECK(output_of(setting.c_str(), fail) == "bridge: warning: no mark is needed\n");
  const Json line = Json::parse(temporary.read("log"));
  CHECK(line["level"] == "error");
  CHECK(line["error"]["code"] == 11);
  CHECK(line["notes"][0] == Json::object({{"level", "warn"}, {"text", "no mark is needed"}}));
}

TEST_CASE("the level selects calls and notes") {
  CHECK(lines(output_of("info", [] { add(); })) == 1);
  CHECK(output_of("warn", [] { add(); }) == "");
  CHECK(output_of("error", [] { add(); }) == "");
  CHECK(lines(output_of("error", fail)) == 1);
  CHECK(output_of("off", fail) == "");
  CHECK(output_of("info", [] { add(); }).find("three links") == std::string::npos);
  CHECK(output_of("debug", [] { add(); }).find("three links") != std::string::npos);
}

TEST_CASE("a successful call with a warning has level warn") {
  const auto warn = [] {
    const Call call("bridge");
    logging::warn("no mark is needed");
  };
  CHECK(output_of("warn", warn).find("Z warn bridge") != std::string::npos);
  CHECK(output_of("error", warn) == "");
}

TEST_CASE("VERSION is logged at level debug") {
  CHECK(output_of("info", ask_for_the_version) == "");
  CHECK(output_of("debug", ask_for_the_version).find(" debug bridge VERSION pid=") != std::string::npos);
  const TemporaryDirectory temporary;
  CHECK(output_of(("info:" + temporary.path("log")).c_str(), ask_for_the_version) == "");
  CHECK_FALSE(temporary.has("log"));
}

TEST_CASE("the keys of the configuration request a log as the environment does, which wins") {
  const TemporaryDirectory temporary;
  const std::string path = temporary.path("log");
  CHECK(output_of(nullptr, [&] { add("info", path); }) == "");
  CHECK(output_of("debug", [&] { add("error", path); }) == "");
  CHECK(lines(temporary.read("log")) == 2);
  CHECK(temporary.read("log").find("three links") > temporary.read("log").find('\n'));
  CHECK(output_of("off", [&] { add("debug", path); }) == "");
  CHECK(lines(temporary.read("log")) == 2);
}

TEST_CASE("an invalid setting is reported once and has no effect") {
  CHECK(output_of(nullptr, [] { add("verbose", "cni.log"); }) ==
        "bridge: warning: logLevel: unknown log level \"verbose\"; allowed: trace, debug, info, warn, error, "
        "off\nbridge: warning: logFile: \"cni.log\" is not allowed; allowed: an absolute path\n");
}

TEST_CASE("a file that cannot be opened is reported, and the log goes to stderr") {
  const std::string output = output_of("info:/proc/no/such/file", [] { add(); });
  CHECK(output.starts_with("bridge: warning: the log goes to stderr, its file cannot be opened: /proc/no/such/file: "));
  CHECK(output.find(" warn bridge ADD net/c1/eth0 ") != std::string::npos);
  CHECK(lines(output_of("error:/proc/no/such/file", [] { add(); })) == 1);
  CHECK(output_of("off:/proc/no/such/file", [] { add(); }) == "");
}

TEST_CASE("stages are timed in order of their start, with a total") {
  const TemporaryDirectory temporary;
  output_of(("info:" + temporary.path("log")).c_str(), [] {
    const Call call("bridge");
    const logging::Stage outer("kernel");
    for (int i = 0; i < 2; ++i) {
      const logging::Stage stage("links");
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const logging::Stage stage("nft");
  });
  const Json times = Json::parse(temporary.read("log"))["us"];
  std::string order;
  for (const auto& [stage, duration] : times.items()) order += stage + " ";
  CHECK(order == "kernel links nft total ");
  CHECK(times["kernel"] >= times["links"]);
  CHECK(times["links"] >= 10000);
  CHECK(times["nft"] < 5000);
  CHECK(times["total"] >= times["links"]);
}

TEST_CASE("the line contains the trace context and no other variable") {
  const std::string line = output_of("info", [] {
    ::setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", 1);
    ::setenv("TRACESTATE", "vendor=secret", 1);
    ::setenv("CNI_ARGS", "PASSWORD=secret", 1);
    add();
  });
  CHECK(line.find(" traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n") != std::string::npos);
  CHECK(line.find("secret") == std::string::npos);
}

TEST_CASE("a call that ends with an exception has its line") {
  const std::string line = output_of("info", [] {
    try {
      const Call call("bridge");
      throw std::runtime_error("unforeseen");
    } catch (const std::runtime_error&) {
      return;
    }
  });
  CHECK(lines(line) == 1);
}

TEST_CASE("after the end of a call there is no current call") {
  CHECK(output_of("info", [] {
          { const Call call("bridge"); }
          if (logging::is_recording() || Call::current() != nullptr) ::_exit(1);
        }) != "");
}

TEST_CASE("a nested call has its own line and setting, and adds its stderr text to the outer call") {
  const TemporaryDirectory temporary;
  std::string inner;
  CHECK(output_of(("info:" + temporary.path("log")).c_str(), [&] {
          const Call outer("bridge");
          logging::record_action("before");
          {
            const Call call("host-local", &inner);
            logging::record_action("within");
            logging::warn("no mark is needed");
          }
          logging::record_action("after");
          logging::warn(inner);
        }) == "bridge: warning: host-local: warning: no mark is needed \n");
  const std::string log = temporary.read("log");
  const Json first = Json::parse(log.substr(0, log.find('\n')));
  CHECK(first["plugin"] == "host-local");
  CHECK(first["done"].dump() == R"(["within"])");
  CHECK(first["notes"].size() == 1);
  const Json second = Json::parse(log.substr(log.find('\n')));
  CHECK(second["plugin"] == "bridge");
  CHECK(second["done"].dump() == R"(["before","after"])");
}

TEST_CASE("the settings of a nested call do not change the outer call") {
  CHECK(output_of(nullptr, [] {
          const Call outer("bridge");
          std::string inner;
          {
            Call call("host-local", &inner);
            call.configure("debug", "relative");
            logging::debug("a detail");
          }
          if (inner.find("logFile") == std::string::npos || inner.find("a detail") == std::string::npos) ::_exit(1);
          if (logging::is_recording()) ::_exit(2);
        }) == "");
}
