// SPDX-License-Identifier: Apache-2.0
// The dummy plugin: a link that holds addresses and drops all packets sent through it. It has no keys of its own.

#include "lib/attachment/single/single.h"

namespace dummy {

const cni::Plugin& plugin() {
  static const attachment::Single single{
      .name = "dummy",
      .parse = [](const cni::Request&) { return attachment::Wanted{.kind = netlink::Dummy{}}; },
      .needs_ipam = "dummy interface requires an IPAM configuration",
  };
  static const cni::Plugin instance = attachment::plugin_of(single);
  return instance;
}

}  // namespace dummy
