// SPDX-License-Identifier: Apache-2.0
// The option `--port`: publishes a port of the container on this host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/cni/fields.h"
#include "lib/net/address.h"

namespace cli {

struct PortMapping {
  std::optional<net::Address> host_ip;  // nullopt: every address of the host
  std::uint16_t host_port = 0;
  std::uint16_t container_port = 0;
  std::string protocol = "tcp";  // tcp, udp, sctp

  friend bool operator==(const PortMapping&, const PortMapping&) = default;
};

// "[HOST-IP:]HOST-PORT:CONTAINER-PORT[/PROTOCOL]", an IPv6 address in brackets: "8080:80", "127.0.0.1:5353:53/udp",
// "[::1]:8080:80/tcp". Throws std::invalid_argument that names the wrong part.
PortMapping parse_port_option(std::string_view text);

// An element of runtimeConfig.portMappings (CONVENTIONS.md of the CNI specification).
cni::Json describe(const PortMapping& mapping);

}  // namespace cli
