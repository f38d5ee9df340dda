// SPDX-License-Identifier: Apache-2.0
// One interface of one container in one network, as a runtime passes it to libcni.
#pragma once

#include <string>

#include "lib/cni/fields.h"
#include "lib/net/owner.h"

namespace cli {

struct Attachment {
  std::string container_id;
  std::string netns;   // CNI_NETNS, a path; "" if it is unknown (DEL)
  std::string ifname;  // the interface's name inside the container
  std::string args;    // CNI_ARGS, "KEY=value;KEY=value"

  // By capability, as libcni's CapabilityArgs: {"portMappings": [...], "ips": [...], "mac": "..."}.
  cni::Json capabilities = cni::Json::object();

  [[nodiscard]] net::Owner owner(const std::string& network) const { return {network, container_id, ifname}; }

  // "namespace/name" of the arguments that runtimes pass for a Kubernetes pod; "" without them.
  [[nodiscard]] std::string pod() const;
};

inline constexpr std::size_t kShortId = 12;  // characters of a shortened id

// The beginning of a runtime's id of 64 hexadecimal digits; any other id as it is. `--id` accepts it.
std::string short_id(const std::string& container_id);

// Throws cni::Error code 4 if the container id or the interface's name is not allowed: both become parts of file names.
void validate(const Attachment& attachment);

// The path of a namespace: a path as it is, a name in the folder of ip-netns(8). The namespace need not exist, so that
// a deleted one can be detached.
std::string netns_path(const std::string& name_or_path);

// The container id for a namespace without a container: "footbridge-red" for red, /run/netns/red and
// /var/run/netns/red, "footbridge-proc-17-ns-net" for /proc/17/ns/net. A name that begins with footbridge- is the id
// itself.
std::string default_container_id(const std::string& netns_path);

}  // namespace cli
