// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/port_option.h"

#include <array>
#include <charconv>
#include <stdexcept>

namespace cli {
namespace {

constexpr std::array<std::string_view, 3> kProtocols{"tcp", "udp", "sctp"};

[[noreturn]] void reject(std::string_view text, const std::string& why) {
  throw std::invalid_argument("--port " + std::string(text) + ": " + why +
                              "; allowed: [HOST-IP:]HOST-PORT:CONTAINER-PORT[/PROTOCOL]");
}

std::string parse_protocol(std::string_view text, std::string_view protocol) {
  for (const std::string_view known : kProtocols) {
    if (known == protocol) return std::string(known);
  }
  reject(text, "protocol \"" + std::string(protocol) + "\" is not tcp, udp or sctp");
}

std::uint16_t parse_port(std::string_view text, std::string_view port) {
  std::uint16_t number = 0;
  const char* const end = port.data() + port.size();
  const auto [stopped, error] = std::from_chars(port.data(), end, number);
  if (error != std::errc() || stopped != end || number == 0) {
    reject(text, "\"" + std::string(port) + "\" is not a port from 1 to 65535");
  }
  return number;
}

net::Address parse_host_ip(std::string_view text, std::string_view ip) {
  const bool in_brackets = ip.starts_with('[') && ip.ends_with(']');
  const auto address = net::Address::parse(in_brackets ? ip.substr(1, ip.size() - 2) : ip);
  if (!address) reject(text, "\"" + std::string(ip) + "\" is not an IP address");
  if (!address->is_v4() && !in_brackets) reject(text, "an IPv6 address needs brackets");
  return *address;
}

}  // namespace

PortMapping parse_port_option(std::string_view text) {
  PortMapping mapping;
  std::string_view rest = text;
  const std::size_t slash = rest.rfind('/');
  if (slash != std::string_view::npos) {
    mapping.protocol = parse_protocol(text, rest.substr(slash + 1));
    rest = rest.substr(0, slash);
  }
  const std::size_t last = rest.rfind(':');
  if (last == std::string_view::npos) reject(text, "the container's port is missing");
  mapping.container_port = parse_port(text, rest.substr(last + 1));
  rest = rest.substr(0, last);
  const std::size_t before = rest.ends_with(']') ? std::string_view::npos : rest.rfind(':');
  if (before != std::string_view::npos) mapping.host_ip = parse_host_ip(text, rest.substr(0, before));
  mapping.host_port = parse_port(text, before == std::string_view::npos ? rest : rest.substr(before + 1));
  return mapping;
}

cni::Json describe(const PortMapping& mapping) {
  cni::Json json{
      {"hostPort", mapping.host_port}, {"containerPort", mapping.container_port}, {"protocol", mapping.protocol}};
  if (mapping.host_ip) json["hostIP"] = mapping.host_ip->text();
  return json;
}

}  // namespace cli
