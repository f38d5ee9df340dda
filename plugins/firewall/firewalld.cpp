// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/firewalld.h"

#include <system_error>

#include "lib/cni/error.h"
#include "lib/log/log.h"
#include "lib/net/prefix.h"

namespace firewall {
namespace {

constexpr const char* kName = "org.fedoraproject.FirewallD1";

bool has_code(const dbus::Reply& reply, const char* code) { return reply.text.find(code) != std::string::npos; }

}  // namespace

std::optional<Firewalld> Firewalld::find(Backend backend) {
  if (backend == Backend::iptables) return std::nullopt;
  try {
    auto connection = dbus::Connection::open();
    if (connection && connection->has_owner(kName)) return Firewalld(std::move(*connection));
  } catch (const std::system_error& error) {
    if (backend == Backend::firewalld) throw;
    logging::warn(std::string("cannot query firewalld: ") + error.what());
    return std::nullopt;
  }
  if (backend == Backend::firewalld) logging::warn("firewalld is not running; backend \"firewalld\" has no effect");
  return std::nullopt;
}

dbus::Reply Firewalld::call(const std::string& method, const std::string& zone, const net::Address& address) {
  const logging::Stage stage("firewalld");
  return connection_.call({kName,
                           "/org/fedoraproject/FirewallD1",
                           std::string(kName) + ".zone",
                           method,
                           {zone, net::Prefix::host(address).text()}});
}

void Firewalld::add_source(const std::string& zone, const net::Address& address) {
  const dbus::Reply reply = call("addSource", zone, address);
  if (!reply.error.empty() && !has_code(reply, "ZONE_ALREADY_SET")) {
    throw cni::Error(cni::kInternal,
                     "failed to add the address " + address.text() + " to " + zone + " zone: " + reply.text,
                     reply.error);
  }
  logging::record_action("firewall-cmd --zone=" + zone + " --add-source=" + net::Prefix::host(address).text());
}

bool Firewalld::has_source(const std::string& zone, const net::Address& address) {
  const dbus::Reply reply = call("querySource", zone, address);
  return reply.error.empty() && reply.flag;
}

void Firewalld::remove_source(const std::string& zone, const net::Address& address) {
  const dbus::Reply reply = call("removeSource", zone, address);
  if (reply.error.empty()) {
    logging::record_action("firewall-cmd --zone=" + zone + " --remove-source=" + net::Prefix::host(address).text());
  } else {
    logging::info("firewalld: " + reply.text);  // the address is in another zone or in none
  }
}

}  // namespace firewall
