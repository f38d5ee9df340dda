// SPDX-License-Identifier: Apache-2.0
// Configuration of the tuning plugin. Bad values throw cni::Error code 7 with key, value and what is allowed.
#pragma once

#include <string>
#include <vector>

#include "lib/cni/request.h"
#include "lib/net/owner.h"
#include "plugins/tuning/attributes.h"
#include "plugins/tuning/sysctls.h"

namespace tuning {

inline constexpr std::string_view kDataDir = "/run/cni/tuning";  // the reference's: either reads what the other wrote

struct Config {
  net::Owner owner;                // of the backup
  std::string data_dir{kDataDir};  // dataDir: the folder of the backups
  std::vector<Sysctl> sysctls;     // in the order in which they are set
  Attributes wanted;               // mac, promisc (true or not at all), mtu, allmulti, txQLen
  [[nodiscard]] bool empty() const { return sysctls.empty() && wanted.empty(); }
};

// Each attribute may also be in args.cni, which has the last word; the MAC, before that, in runtimeConfig, and before that as
// MAC in CNI_ARGS. promisc: false, mtu: 0 and mac: "" leave the link as it is.
Config parse_config(const cni::Request& request);

// For DEL and GC: the default where it cannot be read, because ADD has refused that.
std::string parse_data_dir_leniently(const cni::Request& request);

}  // namespace tuning
