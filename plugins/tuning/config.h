// SPDX-License-Identifier: Apache-2.0
// Configuration of the tuning plugin. A bad value throws cni::Error code 7 with key, value and allowed values.
#pragma once

#include <string>
#include <vector>

#include "lib/cni/request.h"
#include "lib/net/owner.h"
#include "plugins/tuning/attributes.h"
#include "plugins/tuning/sysctls.h"

namespace tuning {

inline constexpr std::string_view kDataDir = "/run/cni/tuning";  // as in the reference: both can read the backups

struct Config {
  net::Owner owner;                // owner of the backup
  std::string data_dir{kDataDir};  // dataDir: folder of the backups
  std::vector<Sysctl> sysctls;     // in the order in which they are set
  Attributes wanted;               // mac, promisc (true or absent), mtu, allmulti, txQLen
  bool has_auto_mtu = false;       // mtu: "auto"
  [[nodiscard]] bool changes_link() const { return has_auto_mtu || !wanted.empty(); }
  [[nodiscard]] bool empty() const { return sysctls.empty() && !changes_link(); }
};

// args.cni overrides each attribute. The MAC address comes, in this order of precedence, from args.cni, runtimeConfig,
// MAC in CNI_ARGS, or the configuration. promisc: false, mtu: 0 and mac: "" leave the link unchanged.
Config parse_config(const cni::Request& request);

// For DEL and GC. Returns the default if dataDir is invalid, since ADD has rejected it.
std::string parse_data_dir_leniently(const cni::Request& request);

}  // namespace tuning
