// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/port_option.h"

#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

using cli::parse_port_option;
using cli::PortMapping;

namespace {

std::string rejection(const char* text) {
  try {
    parse_port_option(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a port option without a protocol is TCP on every address of the host") {
  CHECK(parse_port_option("8080:80") == PortMapping{std::nullopt, 8080, 80, "tcp"});
}

TEST_CASE("a port option may name the protocol and the host's address") {
  CHECK(parse_port_option("8080:80/tcp") == PortMapping{std::nullopt, 8080, 80, "tcp"});
  CHECK(parse_port_option("9999:99/sctp") == PortMapping{std::nullopt, 9999, 99, "sctp"});
  CHECK(parse_port_option("127.0.0.1:5353:53/udp") == PortMapping{net::Address::parse("127.0.0.1"), 5353, 53, "udp"});
  CHECK(parse_port_option("[::1]:8080:80") == PortMapping{net::Address::parse("::1"), 8080, 80, "tcp"});
  CHECK(parse_port_option("[fd00::2]:65535:1/udp") == PortMapping{net::Address::parse("fd00::2"), 65535, 1, "udp"});
}

TEST_CASE("a port option becomes an element of portMappings with the keys of the convention") {
  CHECK(cli::describe(parse_port_option("8080:80")).dump() ==
        R"({"containerPort":80,"hostPort":8080,"protocol":"tcp"})");
  CHECK(cli::describe(parse_port_option("127.0.0.1:5353:53/udp")).dump() ==
        R"({"containerPort":53,"hostIP":"127.0.0.1","hostPort":5353,"protocol":"udp"})");
}

TEST_CASE("a wrong port option is rejected, and the message names the wrong part") {
  const std::string allowed = "; allowed: [HOST-IP:]HOST-PORT:CONTAINER-PORT[/PROTOCOL]";
  CHECK(rejection("80") == "--port 80: the container's port is missing" + allowed);
  CHECK(rejection("70000:80") == "--port 70000:80: \"70000\" is not a port from 1 to 65535" + allowed);
  CHECK(rejection("0:80") == "--port 0:80: \"0\" is not a port from 1 to 65535" + allowed);
  CHECK(rejection("8080:80a") == "--port 8080:80a: \"80a\" is not a port from 1 to 65535" + allowed);
  CHECK(rejection("8080:") == "--port 8080:: \"\" is not a port from 1 to 65535" + allowed);
  CHECK(rejection("-1:80") == "--port -1:80: \"-1\" is not a port from 1 to 65535" + allowed);
  CHECK(rejection("8080:80/icmp") == "--port 8080:80/icmp: protocol \"icmp\" is not tcp, udp or sctp" + allowed);
  CHECK(rejection("8080:80/TCP") == "--port 8080:80/TCP: protocol \"TCP\" is not tcp, udp or sctp" + allowed);
  CHECK(rejection("::1:8080:80") == "--port ::1:8080:80: an IPv6 address needs brackets" + allowed);
  CHECK(rejection("localhost:1:2") == "--port localhost:1:2: \"localhost\" is not an IP address" + allowed);
  CHECK(rejection("[::1]:80") == "--port [::1]:80: \"[::1]\" is not a port from 1 to 65535" + allowed);
  CHECK(rejection("") == "--port : the container's port is missing" + allowed);
}
