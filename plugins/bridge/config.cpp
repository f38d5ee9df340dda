// SPDX-License-Identifier: Apache-2.0
#include "plugins/bridge/config.h"

#include "lib/attachment/keys.h"
#include "lib/log/log.h"
#include "lib/masquerade/keys.h"

namespace bridge {
namespace {

net::IfName parse_name(const cni::Fields& fields) {
  const std::string name = fields.text_or("bridge", "cni0");
  const std::string_view flaw = net::IfName::flaw_of_new(name);
  if (flaw.empty()) return net::IfName(name);
  throw fields.error("bridge",
                     "an interface name of 1 to 15 bytes without / : % or white space (" + std::string(flaw) + ")");
}

// Rejects combinations with checks that could not be enforced.
void check_source_checks(const Config& config, const cni::Fields& fields) {
  if (!config.checks_addresses) return;
  if (!config.has_ipam) {
    throw cni::Error(cni::kBadConfiguration, "cannot check IP addresses without IPAM",
                     "ipspoofchk: true needs ipam.type; without IPAM use \"macspoofchk\": true");
  }
  if (!fields.objects("vlanTrunk").empty()) {
    throw cni::Error(
        cni::kBadConfiguration, "cannot check IP addresses in a VLAN trunk",
        "ipspoofchk: true, vlanTrunk: allowed: one of the two; addresses behind a VLAN tag are not checked");
  }
}

void check_combinations(const Config& config) {
  if (config.hairpin && config.promiscuous) {
    throw cni::Error(cni::kBadConfiguration, "cannot set hairpin mode and promiscuous mode at the same time",
                     "hairpinMode: true, promiscMode: true; allowed: one of the two");
  }
  if (config.leave_interface_down && config.has_ipam) {
    throw cni::Error(cni::kBadConfiguration, "cannot use IPAM when DisableContainerInterface flag is set",
                     "disableContainerInterface: true is allowed only without ipam.type");
  }
  if (!config.has_ipam && (config.is_gateway || config.ip_masq)) {
    logging::warn(
        "isGateway, isDefaultGateway and ipMasq have no effect without ipam.type: the network has no addresses");
  }
}

}  // namespace

Config parse_config(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  Config config;
  config.bridge = parse_name(fields);
  config.is_default_gateway = fields.flag("isDefaultGateway");
  config.is_gateway = fields.flag("isGateway") || config.is_default_gateway;
  config.force_address = fields.flag("forceAddress");
  config.ip_masq = fields.flag("ipMasq");
  config.masquerading = masquerade::parse_options(fields);
  config.mtu = attachment::parse_mtu(fields);
  config.queues = attachment::parse_queues(fields);
  attachment::reject_small_mtu(config.mtu.bytes, request);
  config.hairpin = fields.flag("hairpinMode");
  config.promiscuous = fields.flag("promiscMode");
  config.port_isolation = fields.flag("portIsolation");
  config.checks_addresses = fields.flag("ipspoofchk");
  config.checks_macs = fields.flag("macspoofchk") || config.checks_addresses;
  config.detect_duplicates = fields.flag("enabledad");
  config.leave_interface_down = fields.flag("disableContainerInterface");
  config.mac = attachment::parse_mac(request);
  config.dns = attachment::parse_dns(fields);
  config.has_ipam = request.ipam_type().has_value();
  config.vlans = parse_vlans(fields);
  if (config.is_gateway && config.vlans.own && config.has_ipam) {
    config.vlan_gateway = parse_vlan_gateway(fields, config.bridge, config.vlans);
  }
  config.owner = request.owner();
  if (!request.ifname.empty()) config.ifname = net::IfName(request.ifname);
  attachment::check_masquerade_backend(fields);
  check_source_checks(config, fields);
  check_combinations(config);
  return config;
}

net::IfName parse_name_leniently(const cni::Request& request) {
  try {
    return parse_name(request.fields());
  } catch (const cni::Error&) {
    return Config().bridge;  // ADD rejected it and created nothing
  }
}

}  // namespace bridge
