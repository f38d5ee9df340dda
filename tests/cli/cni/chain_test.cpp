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

TEST_CASE("every plugin gets the list's name and version instead of its own") {
  CHECK(cli::plugin_input(kNetwork, kNetwork.plugins[0], attachment_with(cni::Json::object()), std::nullopt) ==
        R"({"capabilities":{"ips":true,"mac":true},"cniVersion":"1.0.0","name":"net","type":"bridge"})");
}

TEST_CASE("a plugin gets the previous result if there is one") {
  CHECK(cli::plugin_input(kNetwork, kNetwork.plugins[2], attachment_with(cni::Json::object()),
                          cni::Json{{"cniVersion", "1.0.0"}}) ==
        R"({"cniVersion":"1.0.0","name":"net","prevResult":{"cniVersion":"1.0.0"},"type":"tuning"})");
}

TEST_CASE("a plugin gets only the capabilities that it declares") {
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

TEST_CASE("a capability that no plugin declares is an error; the port would not be published") {
  CHECK_NOTHROW(cli::require_declared(kNetwork, attachment_with({{"ips", {"10.0.0.2"}}, {"portMappings", {}}})));
  CHECK_THROWS_WITH_AS(cli::require_declared(kNetwork, attachment_with({{"bandwidth", 1}})),
                       "no plugin of network net declares the capability \"bandwidth\"", cni::Error);
}

TEST_CASE("an error is one line, with its details and with a specific code") {
  CHECK(cli::describe(cni::Error(cni::kInternal, "add link\nfailed")) == "add link failed");
  CHECK(cli::describe(cni::Error(cni::kBadConfiguration, "bad mtu", "mtu -1")) == "bad mtu (mtu -1) [code 7]");
}

TEST_CASE("a system error becomes the protocol's internal error, an error of the protocol stays") {
  CHECK(cli::as_error(std::runtime_error("fork: EAGAIN")).code() == cni::kInternal);
  CHECK(cli::as_error(cni::Error(cni::kBadNetns, "gone")).code() == cni::kBadNetns);
}

TEST_CASE("a namespace without a container has a readable id that never changes") {
  CHECK(cli::default_container_id("/run/netns/red") == "footbridge-red");
  CHECK(cli::default_container_id("/var/run/netns/red") == "footbridge-red");
  CHECK(cli::default_container_id("/proc/17/ns/net") == "footbridge-proc-17-ns-net");
  CHECK(cli::default_container_id("/tmp/a b/\xc3\xa4") == "footbridge-tmp-a-b---");
  CHECK(cli::default_container_id("/run/netns/footbridge-12") == "footbridge-12");
}

TEST_CASE("a namespace is a name or a path") {
  CHECK(cli::netns_path("/proc/17/ns/net") == "/proc/17/ns/net");
  CHECK(cli::netns_path("./ns") == "./ns");
  CHECK(cli::netns_path("surely-not-there") == "/run/netns/surely-not-there");
}

TEST_CASE("a pod is named by the arguments of its runtime") {
  cli::Attachment attachment;
  CHECK(attachment.pod() == "");
  attachment.args = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=0123";
  CHECK(attachment.pod() == "default/web");
}

TEST_CASE("a runtime's id is shortened, any other stays") {
  CHECK(cli::short_id("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef") == "0123456789ab");
  CHECK(cli::short_id("footbridge-red") == "footbridge-red");
}

TEST_CASE("a container id or interface name that could leave its folder is rejected") {
  cli::Attachment attachment = attachment_with(cni::Json::object());
  CHECK_NOTHROW(cli::validate(attachment));
  attachment.container_id = "../c1";
  CHECK_THROWS_AS(cli::validate(attachment), cni::Error);
  attachment = attachment_with(cni::Json::object());
  attachment.ifname = "eth0/..";
  CHECK_THROWS_AS(cli::validate(attachment), cni::Error);
}
