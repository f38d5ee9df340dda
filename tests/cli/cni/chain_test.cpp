// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/chain.h"

#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

namespace {

const cli::Conflist kNetwork = cli::parse_conflist(R"({"cniVersion":"1.0.0","name":"net","plugins":[
    {"type":"bridge","name":"other","cniVersion":"0.3.1","capabilities":{"ips":true,"mac":true}},
    {"type":"portmap","capabilities":{"portMappings":true}},
    {"type":"tuning"}]})",
                                                   "test");

cli::Attachment attachment_with(const cni::Json& capabilities) {
  return {"c1", "/run/netns/red", "eth0", "", capabilities};
}

}  // namespace

TEST_CASE("Every plugin gets the list's name and version in place of its own") {
  CHECK(cli::plugin_input(kNetwork, kNetwork.plugins[0], attachment_with(cni::Json::object()), std::nullopt) ==
        R"({"capabilities":{"ips":true,"mac":true},"cniVersion":"1.0.0","name":"net","type":"bridge"})");
}

TEST_CASE("A plugin gets the previous result when there is one") {
  CHECK(cli::plugin_input(kNetwork, kNetwork.plugins[2], attachment_with(cni::Json::object()),
                          cni::Json{{"cniVersion", "1.0.0"}}) ==
        R"({"cniVersion":"1.0.0","name":"net","prevResult":{"cniVersion":"1.0.0"},"type":"tuning"})");
}

TEST_CASE("Of the runtime's capabilities a plugin gets those it declares, and no others") {
  const cli::Attachment attachment =
      attachment_with({{"mac", "0a:00:00:00:00:01"}, {"portMappings", {{{"hostPort", 1}}}}});
  CHECK(cli::plugin_input(kNetwork, kNetwork.plugins[0], attachment, std::nullopt) ==
        R"({"capabilities":{"ips":true,"mac":true},"cniVersion":"1.0.0","name":"net",)"
        R"("runtimeConfig":{"mac":"0a:00:00:00:00:01"},"type":"bridge"})");
  CHECK(cli::plugin_input(kNetwork, kNetwork.plugins[1], attachment, std::nullopt) ==
        R"({"capabilities":{"portMappings":true},"cniVersion":"1.0.0","name":"net",)"
        R"("runtimeConfig":{"portMappings":[{"hostPort":1}]},"type":"portmap"})");
  CHECK(cli::plugin_input(kNetwork, kNetwork.plugins[2], attachment, std::nullopt) ==
        R"({"cniVersion":"1.0.0","name":"net","type":"tuning"})");
}

TEST_CASE("A capability that nobody declares is an error instead of a port that is silently not published") {
  CHECK_NOTHROW(cli::require_declared(kNetwork, attachment_with({{"ips", {"10.0.0.2"}}, {"portMappings", {}}})));
  CHECK_THROWS_WITH_AS(cli::require_declared(kNetwork, attachment_with({{"bandwidth", 1}})),
                       "no plugin of network net declares the capability \"bandwidth\"", cni::Error);
}

TEST_CASE("An error is told in one line, with its details and with a code that says something") {
  CHECK(cli::describe(cni::Error(cni::kInternal, "add link\nfailed")) == "add link failed");
  CHECK(cli::describe(cni::Error(cni::kBadConfiguration, "bad mtu", "mtu -1")) == "bad mtu (mtu -1) [code 7]");
}

TEST_CASE("An error of the system is told as the protocol's internal one, an error of the protocol as itself") {
  CHECK(cli::as_error(std::runtime_error("fork: EAGAIN")).code() == cni::kInternal);
  CHECK(cli::as_error(cni::Error(cni::kBadNetns, "gone")).code() == cni::kBadNetns);
}

TEST_CASE("A namespace without a container has an id that people can read and that is always the same") {
  CHECK(cli::default_container_id("/run/netns/red") == "footbridge-red");
  CHECK(cli::default_container_id("/var/run/netns/red") == "footbridge-red");
  CHECK(cli::default_container_id("/proc/17/ns/net") == "footbridge-proc-17-ns-net");
  CHECK(cli::default_container_id("/tmp/a b/\xc3\xa4") == "footbridge-tmp-a-b---");
  CHECK(cli::default_container_id("/run/netns/footbridge-12") == "footbridge-12");
}

TEST_CASE("A namespace is a name or a path") {
  CHECK(cli::netns_path("/proc/17/ns/net") == "/proc/17/ns/net");
  CHECK(cli::netns_path("./ns") == "./ns");
  CHECK(cli::netns_path("surely-not-there") == "/run/netns/surely-not-there");
}

TEST_CASE("A container id or interface name that could leave its folder is refused") {
  cli::Attachment attachment = attachment_with(cni::Json::object());
  CHECK_NOTHROW(cli::validate(attachment));
  attachment.container_id = "../c1";
  CHECK_THROWS_AS(cli::validate(attachment), cni::Error);
  attachment = attachment_with(cni::Json::object());
  attachment.ifname = "eth0/..";
  CHECK_THROWS_AS(cli::validate(attachment), cni::Error);
}
