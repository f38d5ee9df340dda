// SPDX-License-Identifier: Apache-2.0
// The keys of the host-device plugin (docs/plugins/host-device.md), and the device that they select.
#pragma once

#include "lib/cni/request.h"
#include "lib/netlink/link.h"

namespace host_device {

// At most one of device, mac and folder is set. None: STATUS of a network whose runtime chooses the device.
struct Config {
  std::string device = {};  // its name or an alternative name
  std::optional<net::Mac> mac = {};
  std::string folder = {};  // of the device in /sys
  std::string pci = {};     // its PCI address, if that selects it
  bool is_dpdk = false;     // a DPDK program has the device: the kernel has no link
  bool is_forced = false;   // also a device that the host uses
  std::optional<cni::Dns> dns = {};
  [[nodiscard]] bool is_selective() const { return !device.empty() || mac || !folder.empty(); }
};

Config parse_config(const cni::Request& request);  // throws cni::Error code 7

// True for a PCI device whose driver gives it to a DPDK program. Throws cni::Error if it has no driver.
bool uses_dpdk(const Config& config);

// The selected one of the host's links. Throws cni::Error if there is none, or several with that MAC address.
netlink::Link select(const Config& config, std::vector<netlink::Link> links);

}  // namespace host_device
