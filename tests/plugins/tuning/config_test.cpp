// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/config.h"

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

cni::Request request_with(const std::string& keys, const std::string& args = {}) {
  cni::Environment environment = environment_of("ADD");
  environment["CNI_ARGS"] = args;
  return request_of(
      R"({"cniVersion": "1.0.0", "name": "n", "type": "tuning")" + (keys.empty() ? "" : ", " + keys) + "}",
      environment);
}

// The equivalent command of ip(8); "" if nothing is configured.
std::string parsed(const std::string& keys, const std::string& args = {}) {
  const tuning::Config config = tuning::parse_config(request_with(keys, args));
  if (config.wanted.empty()) return "";
  return text(tuning::change_of({net::IfName(config.owner.ifname)}, config.wanted));
}

std::string rejection(const std::string& keys, const std::string& args = {}) {
  return error_of([&] { tuning::parse_config(request_with(keys, args)); });
}

std::string data_dir(const std::string& keys) { return tuning::parse_config(request_with(keys)).data_dir; }

}  // namespace

TEST_CASE("Podman's configuration changes nothing") {
  CHECK(tuning::parse_config(request_with("")).empty());
  CHECK(tuning::parse_config(request_with(R"("capabilities": {"mac": true}, "runtimeConfig": {})")).empty());
}

TEST_CASE("each attribute is read") {
  CHECK(parsed(R"("mac": "02:00:00:00:00:11")") == "ip link set dev eth0 address 02:00:00:00:00:11");
  CHECK(parsed(R"("promisc": true)") == "ip link set dev eth0 promisc on");
  CHECK(parsed(R"("mtu": 1400)") == "ip link set dev eth0 mtu 1400");
  CHECK(parsed(R"("allmulti": true)") == "ip link set dev eth0 allmulticast on");
  CHECK(parsed(R"("allmulti": false)") == "ip link set dev eth0 allmulticast off");
  CHECK(parsed(R"("txQLen": 500)") == "ip link set dev eth0 txqueuelen 500");
  CHECK(parsed(R"("txQLen": 0)") == "ip link set dev eth0 txqueuelen 0");
}

TEST_CASE("empty, false and null values leave the interface unchanged") {
  CHECK(parsed(R"("mac": "", "promisc": false, "mtu": 0)") == "");
  CHECK(parsed(R"("mac": null, "promisc": null, "mtu": null, "allmulti": null, "txQLen": null)") == "");
  CHECK(parsed(R"("runtimeConfig": {"mac": ""})", "MAC=") == "");
}

TEST_CASE("the MAC address comes from args.cni, else the runtime, else CNI_ARGS, else the configuration") {
  const std::string all = R"("mac": "02:00:00:00:00:01", "runtimeConfig": {"mac": "02:00:00:00:00:03"})";
  CHECK(parsed(R"("mac": "02:00:00:00:00:01")", "MAC=02:00:00:00:00:02") ==
        "ip link set dev eth0 address 02:00:00:00:00:02");
  CHECK(parsed(all, "MAC=02:00:00:00:00:02") == "ip link set dev eth0 address 02:00:00:00:00:03");
  CHECK(parsed(all + R"(, "args": {"cni": {"mac": "02:00:00:00:00:04"}})", "MAC=02:00:00:00:00:02") ==
        "ip link set dev eth0 address 02:00:00:00:00:04");
  CHECK(parsed(all + R"(, "args": {"cni": {"mac": ""}})") == "");
}

TEST_CASE("args.cni overrides each attribute, also with zero and false") {
  const std::string keys = R"("promisc": true, "mtu": 1400, "allmulti": true, "txQLen": 500)";
  CHECK(parsed(keys + R"(, "args": {"cni": {"mtu": 1300, "txQLen": 7}})") ==
        "ip link set dev eth0 mtu 1300 txqueuelen 7 promisc on allmulticast on");
  CHECK(parsed(keys + R"(, "args": {"cni": {"promisc": false, "mtu": 0, "allmulti": false, "txQLen": 0}})") ==
        "ip link set dev eth0 txqueuelen 0 allmulticast off");
}

TEST_CASE("an invalid MAC address is rejected, and the error names its key") {
  const std::string allowed = "; allowed: a unicast MAC address like 0a:58:0a:01:00:02";
  for (const char* mac : {"x", "01:00:00:00:00:01", "00:00:00:00:00:00", "02:00:00:00:00:11:22:33"}) {
    const std::string bad = std::string(": bad value \"") + mac + "\"" + allowed;
    const std::string quoted = "\"mac\": \"" + std::string(mac) + "\"";
    CHECK(rejection(quoted) == "7: failed to load netconf: mac" + bad);
    CHECK(rejection("\"runtimeConfig\": {" + quoted + "}") == "7: failed to load netconf: runtimeConfig.mac" + bad);
    CHECK(rejection("\"args\": {\"cni\": {" + quoted + "}}") == "7: failed to load netconf: args.cni.mac" + bad);
    CHECK(rejection("", "MAC=" + std::string(mac)) == "7: failed to load netconf: MAC in CNI_ARGS" + bad);
  }
}

TEST_CASE("values of the wrong type or out of range are rejected") {
  CHECK(rejection(R"("mtu": -1)") ==
        "7: failed to load netconf: mtu: bad value -1; allowed: \"auto\", or an integer: 0 (default: unchanged), or 68 "
        "to "
        "65535");
  CHECK(
      rejection(R"("mtu": "1400")") ==
      "7: failed to load netconf: mtu: \"1400\" is a string; allowed: \"auto\", or an integer: 0 (default: unchanged), "
      "or 68 to 65535");
  CHECK(rejection(R"("args": {"cni": {"txQLen": 1.5}})") ==
        "7: failed to load netconf: args.cni.txQLen: 1.5 is a number; allowed: the number of packets, 0 to 2147483647");
  CHECK(rejection(R"("promisc": "on")") ==
        "7: failed to load netconf: promisc: \"on\" is a string; allowed: true or false");
  CHECK(rejection("", "OTHER=1") ==
        "4: ARGS: unknown args [\"OTHER=1\"] [put IgnoreUnknown=1 into CNI_ARGS to ignore other keys]");
}

TEST_CASE("backups are in the reference's folder or in dataDir") {
  CHECK(data_dir("") == "/run/cni/tuning");
  CHECK(data_dir(R"("dataDir": "")") == "/run/cni/tuning");
  CHECK(data_dir(R"("dataDir": "/srv/tuning")") == "/srv/tuning");
  CHECK(rejection(R"("dataDir": "here")") ==
        "7: failed to load netconf: dataDir: bad value \"here\"; allowed: an absolute path");
}

TEST_CASE("DEL uses the default folder if dataDir is invalid") {
  CHECK(tuning::parse_data_dir_leniently(request_with(R"("dataDir": "/srv/tuning", "mtu": "x")")) == "/srv/tuning");
  CHECK(tuning::parse_data_dir_leniently(request_with(R"("dataDir": "here")")) == "/run/cni/tuning");
  CHECK(tuning::parse_data_dir_leniently(request_with(R"("dataDir": 1)")) == "/run/cni/tuning");
}
