// SPDX-License-Identifier: Apache-2.0
#include "cli/install/configuration_check.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "lib/cni/error.h"
#include "tests/lib/os/temporary_directory.h"

namespace {

// plugins: the list's content.
std::string rejection(const std::string& plugins, const std::vector<std::string>& links = {},
                      const std::vector<std::string>& path = {}) {
  const std::string text = R"({"cniVersion": "1.0.0", "name": "pods", "plugins": [)" + plugins + "]}";
  try {
    cli::require_readable(cli::parse_conflist(text, "10-pods.conflist"), "10-pods.conflist", links, path);
  } catch (const cni::Error& error) {
    return std::to_string(error.code()) + ": " + error.msg();
  }
  return "accepted";
}

std::string host_local(const std::string& subnet) {
  return R"({"type": "host-local", "ranges": [[{"subnet": ")" + subnet + R"("}]]})";
}

}  // namespace

TEST_CASE("configurations that ADD accepts are accepted") {
  CHECK(rejection(R"({"type": "bridge", "ipam": )" + host_local("10.1.0.0/24") +
                  R"(}, {"type": "portmap", "capabilities": {"portMappings": true}}, {"type": "firewall"})") ==
        "accepted");
  CHECK(rejection(R"({"type": "ptp", "ipam": {"type": "static", )"
                  R"("addresses": [{"address": "10.1.0.2/24", "gateway": "10.1.0.1"}]}})") == "accepted");
  CHECK(rejection(R"({"type": "loopback"})") == "accepted");
}

TEST_CASE("a wrong value is reported with its plugin, or with its IPAM plugin") {
  CHECK(rejection(R"({"type": "bridge", "mtu": "1400"})").starts_with("7: 10-pods.conflist: bridge: "));
  CHECK(rejection(R"({"type": "bridge"}, {"type": "tuning", "sysctl": {"kernel.domainname": "x"}})")
            .starts_with("7: 10-pods.conflist: tuning: invalid net sysctl key: "));
  CHECK(rejection(R"({"type": "bridge", "ipam": )" + host_local("ten") + "}")
            .starts_with("7: 10-pods.conflist: host-local: failed to load netconf: ipam.ranges[0][0].subnet: "));
  CHECK(rejection(R"({"type": "loopback"}, {"type": "firewall", "ingressPolicy": "none"})")
            .starts_with("7: 10-pods.conflist: firewall: "));
}

TEST_CASE("a type that ends in a plugin's name is that plugin if the file is this executable, or will be") {
  const TemporaryDirectory folder;
  const std::string wrong = R"({"type": "cnv-bridge", "mtu": "1400"})";
  const std::string rejected = "7: 10-pods.conflist: cnv-bridge: ";
  CHECK(rejection(wrong, {"cnv-bridge"}).starts_with(rejected));
  CHECK(rejection(wrong, {"my-bridge"}, {folder.path()}) == "accepted");
  std::filesystem::create_symlink("/bin/sh", folder.path("cnv-bridge"));
  CHECK(rejection(wrong, {}, {folder.path()}) == "accepted");
  std::filesystem::remove(folder.path("cnv-bridge"));
  std::filesystem::create_symlink(std::filesystem::read_symlink("/proc/self/exe"), folder.path("cnv-bridge"));
  CHECK(rejection(wrong, {}, {folder.path()}).starts_with(rejected));
}

TEST_CASE("other programs' plugins are not checked, but our IPAM plugin in them is") {
  CHECK(rejection(R"({"type": "flannel", "delegate": {"mtu": "large"}})") == "accepted");
  CHECK(rejection(R"({"type": "macvlan", "ipam": )" + host_local("ten") + "}")
            .starts_with("7: 10-pods.conflist: host-local: "));
}
