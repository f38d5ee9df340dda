// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/delegate.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>

#include "lib/log/call.h"
#include "tests/lib/cni/call.h"
#include "tests/lib/log/own_process.h"
#include "tests/lib/os/temporary_directory.h"

using cni::Environment;
using cni::Verb;

namespace {

// A directory of plugins that are shell scripts, and calls of the configured one.
class Plugins {
 public:
  void add(const std::string& name, const std::string& script) const {
    directory_.write(name, "#!/bin/sh\n" + script + "\n");
    REQUIRE(::chmod(directory_.path(name).c_str(), 0755) == 0);
  }

  [[nodiscard]] cni::Request request(const std::string& type, const std::string& version = "1.0.0") const {
    Environment environment = environment_of("ADD");
    environment["CNI_PATH"] = directory_.path();
    environment["PATH"] = "/usr/bin:/bin";
    return request_of(R"({"cniVersion": ")" + version + R"(", "name": "n", "ipam": {"type": ")" + type + "\"}}",
                      environment);
  }

  // ADD of the plugin: its result; its addresses as text.
  [[nodiscard]] std::string lease(const std::string& type, const std::string& version = "1.0.0") const {
    const cni::Request request = this->request(type, version);
    cni::Rollback rollback;
    cni::Lease lease(request, rollback);
    std::string text;
    for (const cni::Ip& ip : lease.wait().ips) text += (text.empty() ? "" : " ") + ip.address.text();
    CHECK(&lease.wait() == &lease.wait());
    rollback.dismiss();
    return text;
  }

  // The error of an ADD that must fail.
  [[nodiscard]] std::string refusal(const std::string& type, const std::string& version = "1.0.0") const {
    return error_of([&] { return lease(type, version); });
  }

  // The error of a plugin with this script.
  [[nodiscard]] std::string refusal_of_script(const std::string& script) const {
    add("test", script);
    return refusal("test");
  }

  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("a plugin is the first regular file of its name; a directory does not count") {
  const TemporaryDirectory temporary;
  for (const char* name : {"a", "b", "c"}) std::filesystem::create_directory(temporary.path(name));
  std::filesystem::create_directory(temporary.path("a/test"));
  temporary.write("b/test", "");
  temporary.write("c/test", "");
  const std::vector<std::string> path{temporary.path("none"), temporary.path("a"), temporary.path("b"),
                                      temporary.path("c")};
  CHECK(cni::find_plugin("test", path) == temporary.path("b/test"));
  CHECK(cni::find_plugin("test", {temporary.path("c/"), temporary.path("b")}) == temporary.path("c/test"));
  std::filesystem::create_symlink(temporary.path("b/test"), temporary.path("a/link"));
  CHECK(cni::find_plugin("link", path) == temporary.path("a/link"));
}

TEST_CASE("a missing plugin is reported with the searched directories") {
  const TemporaryDirectory temporary;
  std::filesystem::create_directory(temporary.path("dir"));
  const std::vector<std::string> path{temporary.path(), "/none"};
  CHECK(error_of([&] { return cni::find_plugin("", path); }) == "7: no plugin name provided");
  CHECK(error_of([&] { return cni::find_plugin("../sh", path); }) == "7: invalid plugin name: ../sh");
  CHECK(error_of([&] { return cni::find_plugin("/bin/sh", path); }) == "7: invalid plugin name: /bin/sh");
  CHECK(error_of([&] { return cni::find_plugin("test", {}); }) == "4: no paths provided");
  CHECK(error_of([&] { return cni::find_plugin("test", path); }) ==
        "50: failed to find plugin \"test\" in path [" + temporary.path() + " /none]");
  CHECK(
      error_of([&] { return cni::find_plugin("dir", path); }).starts_with("50: failed to find plugin \"dir\" in path"));
}

TEST_CASE("the error for a missing plugin suggests a similar name in the directories") {
  const TemporaryDirectory temporary;
  for (const char* name : {"bridge", "host-local", "vlan"}) temporary.write(name, "");
  const std::vector<std::string> path{"/none", temporary.path()};
  const std::string where = " in path [/none " + temporary.path() + "]";
  CHECK(error_of([&] { return cni::find_plugin("host_local", path); }) ==
        "50: failed to find plugin \"host_local\"" + where + "; did you mean \"host-local\"?");
  CHECK(error_of([&] { return cni::find_plugin("brigde", path); }).ends_with("; did you mean \"bridge\"?"));
  CHECK(error_of([&] { return cni::find_plugin("portmap", path); }).ends_with(where));
}

TEST_CASE("an empty entry of CNI_PATH is not the working directory") {
  const TemporaryDirectory temporary;
  temporary.write("test", "");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(temporary.path());
  CHECK(error_of([&] {
          return cni::find_plugin("test", {"", "/none"});
        }).starts_with("50: failed to find plugin \"test\""));
  std::filesystem::current_path(before);
}

TEST_CASE("a delegate gets the same stdin, byte for byte, and the same environment except the verb") {
  const Plugins plugins;
  plugins.add("test",
              "env > \"$CNI_PATH/env.$CNI_COMMAND\"; cat > \"$CNI_PATH/stdin\"; echo '{\"ips\": [{\"address\": "
              "\"10.1.0.2/24\"}]}'");
  CHECK(plugins.lease("test") == "10.1.0.2/24");
  CHECK(plugins.directory().read("stdin") == plugins.request("test").input);
  const std::string environment = plugins.directory().read("env.ADD");
  for (const char* entry :
       {"CNI_CONTAINERID=c1\n", "CNI_NETNS=/no/netns\n", "CNI_IFNAME=eth0\n", "CNI_COMMAND=ADD\n"}) {
    CHECK(environment.find(entry) != std::string::npos);
  }
  cni::delegate_ipam(plugins.request("test"), Verb::del);
  CHECK(plugins.directory().read("env.DEL").find("CNI_COMMAND=DEL\n") != std::string::npos);
}

TEST_CASE("a delegate gets the trace context unchanged") {
  const Plugins plugins;
  plugins.add("test", "env > \"$CNI_PATH/env\"; echo '{\"ips\": [{\"address\": \"10.1.0.2/24\"}]}'");
  cni::Request request = plugins.request("test");
  request.environment["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  request.environment["TRACESTATE"] = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
  request.environment["BAGGAGE"] = "key1=value1;p=1,key2 = value%202";
  const auto check_environment = [&] {
    const std::string environment = "\n" + plugins.directory().read("env");
    for (const char* name : {"TRACEPARENT", "TRACESTATE", "BAGGAGE"}) {
      CHECK(environment.find("\n" + std::string(name) + "=" + request.environment[name] + "\n") != std::string::npos);
    }
  };
  cni::delegate_ipam(request, Verb::del);
  check_environment();
  cni::Rollback rollback;
  cni::Lease(request, rollback).wait();
  rollback.dismiss();
  check_environment();
}

TEST_CASE("a call does not fail if the stderr of a delegate cannot be written") {
  const Plugins plugins;
  plugins.add("test", "echo said >&2; echo '{\"ips\": [{\"address\": \"10.1.0.2/24\"}]}'");
  CHECK(output_of(nullptr, [&] { cni::delegate_ipam(plugins.request("test"), Verb::del); }) == "said\n");
  CHECK(output_of(nullptr, [&] {
          ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
          cni::delegate_ipam(plugins.request("test"), Verb::del);
        }) == "");
}

TEST_CASE("the log contains the verb of a delegate and its duration") {
  const Plugins plugins;
  plugins.add("test", "sleep 0.1; echo '{\"ips\": [{\"address\": \"10.1.0.2/24\"}, {\"address\": \"fd00::2/64\"}]}'");
  const TemporaryDirectory temporary;
  output_of(("info:" + temporary.path("log")).c_str(), [&] {
    const logging::Call call("bridge");
    static_cast<void>(plugins.lease("test"));
    cni::delegate_ipam(plugins.request("test"), Verb::del);
  });
  const cni::Json line = cni::Json::parse(temporary.read("log"));
  CHECK(line["done"].dump() == R"(["test ADD: 10.1.0.2/24 fd00::2/64","test DEL"])");
  CHECK(line["us"]["ipam"] >= 200000);
}

TEST_CASE("a delegate's result may have the shape of any version, and no version") {
  const Plugins plugins;
  plugins.add(
      "new",
      "echo '{\"cniVersion\": \"1.1.0\", \"ips\": [{\"address\": \"10.1.0.2/24\"}, {\"address\": \"fd00::2/64\"}]}'");
  plugins.add("old", "echo '{\"ip4\": {\"ip\": \"10.1.0.2/24\"}}'");
  CHECK(plugins.lease("new") == "10.1.0.2/24 fd00::2/64");
  CHECK(plugins.lease("old", "0.2.0") == "10.1.0.2/24");
  CHECK(plugins.refusal("new", "0.4.0").starts_with("1: result of IPAM plugin new: result type supports"));
}

TEST_CASE("a delegate that returns null or no address is an error") {
  const Plugins plugins;
  for (const char* answer : {"null", "{}", "{\"ips\": []}", "{\"ips\": null}"}) {
    CHECK(plugins.refusal_of_script("echo '" + std::string(answer) + "'") ==
          "999: IPAM plugin returned missing IP config [IPAM plugin test returned no address]");
  }
  plugins.add("static", "echo '{}'");
  CHECK(plugins.refusal("static").ends_with(
      " [IPAM plugin static returned no address; list addresses in ipam.addresses, or let the runtime set them with "
      "\"capabilities\": {\"ips\": true}]"));
}

TEST_CASE("output that is not JSON is quoted in the error") {
  const Plugins plugins;
  CHECK(plugins.refusal_of_script("echo hello").starts_with("6: result of IPAM plugin test is not JSON: "));
  CHECK(plugins.refusal_of_script("echo hello").ends_with(" [\"hello\\n\"]"));
  CHECK(plugins.refusal_of_script("true").starts_with("6: result of IPAM plugin test is not JSON: "));
}

TEST_CASE("a delegate's error object is returned unchanged") {
  const Plugins plugins;
  CHECK(plugins.refusal_of_script(
            "echo '{\"cniVersion\": \"1.0.0\", \"code\": 11, \"msg\": \"try <again>\", \"details\": \"busy\"}';"
            "echo noise >&2; exit 1") == "11: try <again> [busy]");
  CHECK(plugins.refusal_of_script("echo '{\"code\": 4242, \"msg\": \"mine\"}'; exit 7") == "4242: mine");
}

TEST_CASE("the output of a delegate that fails without an error object is quoted") {
  const Plugins plugins;
  CHECK(plugins.refusal_of_script("echo 'it broke' >&2; exit 3") ==
        "0: netplugin failed: \"it broke\\n\" [test: exit status 3]");
  CHECK(plugins.refusal_of_script("exit 3") == "0: netplugin failed with no error message: exit status 3 [test]");
  CHECK(plugins.refusal_of_script("echo oh no; exit 1")
            .starts_with("0: netplugin failed but error parsing its diagnostic message \"oh no\\n\": "));
  CHECK(plugins.refusal_of_script("echo '[1]'; exit 1") ==
        "0: netplugin failed but its diagnostic message is not an error object: \"[1]\\n\" [test: exit status 1]");
  CHECK(plugins.refusal_of_script("echo '{\"ips\": []}'; kill -9 $$")
            .starts_with("0: netplugin failed but its diagnostic message is not an error object: "));
  CHECK(plugins.refusal_of_script("echo '{\"ips\": []}'; kill -9 $$").ends_with("[test: exit status 137]"));
}

TEST_CASE("the error for a delegate that cannot be executed contains the reason") {
  const Plugins plugins;
  plugins.directory().write("plain", "not executable");
  REQUIRE(::chmod(plugins.directory().path("plain").c_str(), 0644) == 0);
  CHECK(plugins.refusal("plain") == "999: netplugin failed with no error message: start " +
                                        plugins.directory().path("plain") + ": Permission denied");
  plugins.directory().write("broken", "#!/no/such/interpreter\n");
  REQUIRE(::chmod(plugins.directory().path("broken").c_str(), 0755) == 0);
  CHECK(plugins.refusal("broken").ends_with(": No such file or directory"));
}

TEST_CASE("a delegate that is being written is retried until it is complete") {
  const Plugins plugins;
  plugins.add("test", "echo '{\"ips\": [{\"address\": \"10.1.0.2/24\"}]}'");
  const int writer = ::open(plugins.directory().path("test").c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(writer >= 0);
  std::thread upgrade([writer] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::close(writer);
  });
  CHECK(plugins.lease("test") == "10.1.0.2/24");
  upgrade.join();
}

TEST_CASE("a delegate that stays open for writing is an error, not an empty result") {
  const Plugins plugins;
  plugins.add("test", "exit 0");
  const std::string file = plugins.directory().path("test");
  const int writer = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(writer >= 0);
  CHECK(error_of([&] { cni::delegate_ipam(plugins.request("test"), Verb::del); }) ==
        "999: netplugin failed with no error message: start " + file + ": Text file busy");
  ::close(writer);
  CHECK(error_of([&] { cni::delegate_ipam(plugins.request("test"), Verb::del); }) == "");
}

TEST_CASE("if ADD fails after the start of the delegate, the delegate gets DEL, even if it failed itself") {
  const Plugins plugins;
  plugins.add("test", "echo \"$CNI_COMMAND\" >> \"$CNI_PATH/calls\"; exit 1");
  const cni::Request request = plugins.request("test");
  {
    cni::Rollback rollback;
    cni::Lease lease(request, rollback);
    CHECK_THROWS_AS(lease.wait(), cni::Error);
  }
  CHECK(plugins.directory().read("calls") == "ADD\nDEL\n");
}

TEST_CASE("a missing delegate gets no DEL, and without IPAM there is no delegate") {
  const Plugins plugins;
  CHECK(plugins.refusal("absent").starts_with("50: failed to find plugin \"absent\" in path ["));
  CHECK_NOTHROW(cni::delegate_ipam(request_of(R"({"name": "n"})"), Verb::del));
  CHECK(error_of([&] {
          cni::delegate_ipam(plugins.request("absent"), Verb::del);
        }).starts_with("50: failed to find plugin"));
}

TEST_CASE("large configurations and results are passed") {
  const Plugins plugins;
  plugins.add("test",
              "cat > /dev/null; printf '{\"x\": \"'; head -c 3000000 /dev/zero | tr '\\0' x;"
              "echo '\", \"ips\": [{\"address\": \"10.1.0.2/24\"}]}'");
  CHECK(plugins.lease("test") == "10.1.0.2/24");
}

TEST_CASE("a delegate that hangs is killed at its time limit and gets DEL, which may hang too, before ADD fails") {
  const Plugins plugins;
  plugins.add("test", "echo \"$CNI_COMMAND $$\" >> \"$CNI_PATH/calls\"; sleep 1000");
  const cni::Request request = plugins.request("test");
  const auto begin = std::chrono::steady_clock::now();
  const std::string refusal = error_of([&] {
    cni::Rollback rollback;
    cni::Lease lease(request, rollback, std::chrono::milliseconds(3000));
    lease.wait();
  });
  const std::string calls = plugins.directory().read("calls");
  REQUIRE(calls.starts_with("ADD "));
  const std::string pid = calls.substr(4, calls.find('\n') - 4);
  CHECK(refusal == "11: IPAM plugin test did not end within 3 s: process " + pid + " was killed");
  CHECK(calls.find("\nDEL ") != std::string::npos);
  CHECK(::kill(std::stoi(pid), 0) == -1);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}

TEST_CASE(
    "a delegate that hangs in a verb without a result is killed at its time limit, and so is a plugin of a list") {
  const Plugins plugins;
  plugins.add("test", "exec sleep 1000");
  const cni::Request request = plugins.request("test");
  const std::chrono::milliseconds timeout(100);
  for (const Verb verb : {Verb::del, Verb::check, Verb::status, Verb::gc}) {
    CHECK(error_of([&] {
            cni::delegate_ipam(request, verb, timeout);
          }).starts_with("11: IPAM plugin test did not end within 100 ms: process "));
  }
  CHECK(error_of([&] {
          cni::run_plugin("test", request.path, request.environment, "", timeout);
        }).starts_with("11: plugin test did not end within 100 ms: process "));
}
