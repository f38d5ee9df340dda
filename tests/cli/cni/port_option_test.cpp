// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/port_option.h"

#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

using cli::parse_port_option;
using cli::PortMapping;

namespace {

std::string refusal(const char* text) {
  try {
    parse_port_option(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("A port option without a protocol is TCP on every address of the host") {
  CHECK(parse_port_option("8080:80") == PortMapping{std::nullopt, 8080, 80, "tcp"});
}

TEST_CASE("A port option may name the protocol and the host's address") {
  CHECK(parse_port_option("8080:80/tcp") == PortMapping{std::nullopt, 8080, 80, "tcp"});
  CHECK(parse_port_option("9999:99/sctp") == PortMapping{std::nullopt, 9999, 99, "sctp"});
  CHECK(parse_port_option("127.0.0.1:5353:53/udp") == PortMapping{net::Address::parse("127.0.0.1"), 5353, 53, "udp"});
  CHECK(parse_port_option("[::1]:8080:80") == PortMapping{net::Address::parse("::1"), 8080, 80, "tcp"});
  CHECK(parse_port_option("[fd00::2]:65535:1/udp") == PortMapping{net::Address::parse("fd00::2"), 65535, 1, "udp"});
}

TEST_CASE("A port option becomes an element of portMappings with the keys of the convention") {
  CHECK(cli::describe(parse_port_option("8080:80")).dump() ==
        R"({"containerPort":80,"hostPort":8080,"protocol":"tcp"})");
  CHECK(cli::describe(parse_port_option("127.0.0.1:5353:53/udp")).dump() ==
        R"({"containerPort":53,"hostIP":"127.0.0.1","hostPort":5353,"protocol":"udp"})");
}

TEST_CASE("A wrong port option is refused, and the message names the part that is wrong") {
  const std::string wanted = "; wanted: [HOST-IP:]HOST-PORT:CONTAINER-PORT[/PROTOCOL]";
  CHECK(refusal("80") == "--port 80: the port of the container is missing" + wanted);
  CHECK(refusal("70000:80") == "--port 70000:80: \"70000\" is no port from 1 to 65535" + wanted);
  CHECK(refusal("0:80") == "--port 0:80: \"0\" is no port from 1 to 65535" + wanted);
  CHECK(refusal("8080:80a") == "--port 8080:80a: \"80a\" is no port from 1 to 65535" + wanted);
  CHECK(refusal("8080:") == "--port 8080:: \"\" is no port from 1 to 65535" + wanted);
  CHECK(refusal("-1:80") == "--port -1:80: \"-1\" is no port from 1 to 65535" + wanted);
  CHECK(refusal("8080:80/icmp") == "--port 8080:80/icmp: protocol \"icmp\" is none of tcp, udp, sctp" + wanted);
  CHECK(refusal("8080:80/TCP") == "--port 8080:80/TCP: protocol \"TCP\" is none of tcp, udp, sctp" + wanted);
  CHECK(refusal("::1:8080:80") == "--port ::1:8080:80: an IPv6 address is written in brackets" + wanted);
  CHECK(refusal("localhost:1:2") == "--port localhost:1:2: \"localhost\" is no IP address" + wanted);
  CHECK(refusal("[::1]:80") == "--port [::1]:80: \"[::1]\" is no port from 1 to 65535" + wanted);
  CHECK(refusal("") == "--port : the port of the container is missing" + wanted);
}
