// SPDX-License-Identifier: Apache-2.0
// One interface of one container on one network: what a runtime tells libcni, and an operator tells us.
#pragma once

#include <string>

#include "lib/cni/fields.h"
#include "lib/net/owner.h"

namespace cli {

struct Attachment {
  std::string container_id;
  std::string netns;   // CNI_NETNS, a path; "" when nobody knows it any more (DEL)
  std::string ifname;  // the interface's name inside the container
  std::string args;    // CNI_ARGS, "KEY=value;KEY=value"

  // By capability, as libcni's CapabilityArgs: {"portMappings": [...], "ips": [...], "mac": "..."}.
  cni::Json capabilities = cni::Json::object();

  [[nodiscard]] net::Owner owner(const std::string& network) const { return {network, container_id, ifname}; }
};

// Throws cni::Error code 4 when the container id or the interface's name is none: both become parts of file names.
void validate(const Attachment& attachment);

// The path of a namespace: a path stays as it is, a name is looked up where ip-netns(8) keeps its names. A name that is
// not there is a path all the same, so that what was deleted can still be detached.
std::string netns_path(const std::string& name_or_path);

// The container id for a namespace that has no container: "footbridge-red" for red, /run/netns/red and
// /var/run/netns/red, "footbridge-proc-17-ns-net" for /proc/17/ns/net; a name that begins with footbridge- is the id itself.
std::string default_container_id(const std::string& netns_path);

}  // namespace cli
