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

// As ip(8) would be told; "" when nothing is configured.
std::string parsed(const std::string& keys, const std::string& args = {}) {
  const tuning::Config config = tuning::parse_config(request_with(keys, args));
  if (config.wanted.empty()) return "";
  return text(tuning::change_of({net::IfName(config.owner.ifname)}, config.wanted));
}

std::string refusal(const std::string& keys, const std::string& args = {}) {
  return error_of([&] { tuning::parse_config(request_with(keys, args)); });
}

std::string data_dir(const std::string& keys) { return tuning::parse_config(request_with(keys)).data_dir; }

}  // namespace

TEST_CASE("as Podman writes it, nothing is to be done") {
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

TEST_CASE("what says nothing leaves the interface as it is") {
  CHECK(parsed(R"("mac": "", "promisc": false, "mtu": 0)") == "");
  CHECK(parsed(R"("mac": null, "promisc": null, "mtu": null, "allmulti": null, "txQLen": null)") == "");
  CHECK(parsed(R"("runtimeConfig": {"mac": ""})", "MAC=") == "");
}

TEST_CASE("args.cni has the last word of the MAC, then the runtime, then CNI_ARGS") {
  const std::string all = R"("mac": "02:00:00:00:00:01", "runtimeConfig": {"mac": "02:00:00:00:00:03"})";
  CHECK(parsed(R"("mac": "02:00:00:00:00:01")", "MAC=02:00:00:00:00:02") ==
        "ip link set dev eth0 address 02:00:00:00:00:02");
  CHECK(parsed(all, "MAC=02:00:00:00:00:02") == "ip link set dev eth0 address 02:00:00:00:00:03");
  CHECK(parsed(all + R"(, "args": {"cni": {"mac": "02:00:00:00:00:04"}})", "MAC=02:00:00:00:00:02") ==
        "ip link set dev eth0 address 02:00:00:00:00:04");
  CHECK(parsed(all + R"(, "args": {"cni": {"mac": ""}})") == "");
}

TEST_CASE("args.cni overrides every attribute, also by zero and false") {
  const std::string keys = R"("promisc": true, "mtu": 1400, "allmulti": true, "txQLen": 500)";
  CHECK(parsed(keys + R"(, "args": {"cni": {"mtu": 1300, "txQLen": 7}})") ==
        "ip link set dev eth0 mtu 1300 txqueuelen 7 promisc on allmulticast on");
  CHECK(parsed(keys + R"(, "args": {"cni": {"promisc": false, "mtu": 0, "allmulti": false, "txQLen": 0}})") ==
        "ip link set dev eth0 txqueuelen 0 allmulticast off");
}

TEST_CASE("a MAC that no interface can have is refused, and told where it stands") {
  const std::string allowed = "; allowed: a unicast MAC address like 0a:58:0a:01:00:02";
  for (const char* mac : {"x", "01:00:00:00:00:01", "00:00:00:00:00:00", "02:00:00:00:00:11:22:33"}) {
    const std::string bad = std::string(": bad value \"") + mac + "\"" + allowed;
    const std::string quoted = "\"mac\": \"" + std::string(mac) + "\"";
    CHECK(refusal(quoted) == "7: failed to load netconf: mac" + bad);
    CHECK(refusal("\"runtimeConfig\": {" + quoted + "}") == "7: failed to load netconf: runtimeConfig.mac" + bad);
    CHECK(refusal("\"args\": {\"cni\": {" + quoted + "}}") == "7: failed to load netconf: args.cni.mac" + bad);
    CHECK(refusal("", "MAC=" + std::string(mac)) == "7: failed to load netconf: MAC in CNI_ARGS" + bad);
  }
}

TEST_CASE("values of another type or without meaning are refused") {
  CHECK(refusal(R"("mtu": -1)") ==
        "7: failed to load netconf: mtu: bad value -1; allowed: an integer from 0 to 2147483647");
  CHECK(refusal(R"("mtu": "1400")") ==
        "7: failed to load netconf: mtu: \"1400\" is a string; allowed: an integer from 0 to 2147483647");
  CHECK(refusal(R"("args": {"cni": {"txQLen": 1.5}})") ==
        "7: failed to load netconf: args.cni.txQLen: 1.5 is a number; allowed: an integer from 0 to 2147483647");
  CHECK(refusal(R"("promisc": "on")") ==
        "7: failed to load netconf: promisc: \"on\" is a string; allowed: true or false");
  CHECK(refusal("", "OTHER=1") ==
        "4: ARGS: unknown args [\"OTHER=1\"] [put IgnoreUnknown=1 into CNI_ARGS to have other keys ignored]");
}

TEST_CASE("backups are where the reference has them, or where dataDir says") {
  CHECK(data_dir("") == "/run/cni/tuning");
  CHECK(data_dir(R"("dataDir": "")") == "/run/cni/tuning");
  CHECK(data_dir(R"("dataDir": "/srv/tuning")") == "/srv/tuning");
  CHECK(refusal(R"("dataDir": "here")") ==
        "7: failed to load netconf: dataDir: bad value \"here\"; allowed: the absolute path of a directory");
}

TEST_CASE("DEL takes the default for a folder that ADD has refused") {
  CHECK(tuning::parse_data_dir_leniently(request_with(R"("dataDir": "/srv/tuning", "mtu": "x")")) == "/srv/tuning");
  CHECK(tuning::parse_data_dir_leniently(request_with(R"("dataDir": "here")")) == "/run/cni/tuning");
  CHECK(tuning::parse_data_dir_leniently(request_with(R"("dataDir": 1)")) == "/run/cni/tuning");
}
