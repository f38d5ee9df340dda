// SPDX-License-Identifier: Apache-2.0
#include "plugins/ptp/config.h"

#include "lib/attachment/keys.h"
#include "lib/masquerade/keys.h"

namespace ptp {

Config parse_config(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  Config config;
  config.ip_masq = fields.flag("ipMasq");
  config.masquerading = masquerade::parse_options(fields);
  config.mtu = attachment::parse_mtu(fields);
  config.queues = attachment::parse_queues(fields);
  attachment::reject_small_mtu(config.mtu.bytes, request);
  config.dns = attachment::parse_dns(fields);
  config.owner = request.owner();
  if (!request.ifname.empty()) config.ifname = net::IfName(request.ifname);
  attachment::check_masquerade_backend(fields);
  if (!request.ipam_type()) {
    throw cni::Error(cni::kBadConfiguration, "no plugin name provided",
                     "set ipam.type to the plugin that allocates the addresses, for example \"host-local\"");
  }
  return config;
}

}  // namespace ptp
