// SPDX-License-Identifier: Apache-2.0
#include "ipam/host-local/config.h"

#include <string>

#include "ipam/host-local/ranges.h"
#include "ipam/host-local/requests.h"
#include "lib/cni/error.h"
#include "lib/cni/result_json.h"
#include "lib/ipam/store_view.h"

namespace host_local {
namespace {

std::string data_dir_of(const cni::Fields& ipam) {
  const std::string data_dir = ipam.text_or("dataDir", "");
  return data_dir.empty() ? std::string(ipam::kDataDir) : data_dir;
}

}  // namespace

cni::Fields parse_ipam(const cni::Request& request) {
  auto ipam = request.fields().object("ipam");
  if (ipam) return std::move(*ipam);
  throw cni::Error(cni::kBadConfiguration, "IPAM config missing 'ipam' key",
                   "the configuration must have an object \"ipam\" with \"type\": \"host-local\"");
}

Config parse_config(const cni::Request& request) {
  const cni::Fields ipam = parse_ipam(request);
  Config config;
  config.data_dir = data_dir_of(ipam);
  config.resolv_conf = ipam.text_or("resolvConf", "");
  config.routes = cni::parse_routes(ipam.objects("routes"));
  config.requested = parse_requests(request);
  config.sets = parse_sets(request, ipam);
  return config;
}

std::string parse_data_dir(const cni::Request& request) {
  const auto ipam = request.fields().object("ipam");
  return ipam ? data_dir_of(*ipam) : std::string(ipam::kDataDir);
}

}  // namespace host_local
