// SPDX-License-Identifier: Apache-2.0
#include "plugins/host-device/config.h"

#include <unistd.h>

#include "lib/attachment/keys.h"
#include "lib/attachment/moved/moved.h"
#include "lib/attachment/moved/sysfs.h"
#include "lib/cni/capability.h"

namespace host_device {
namespace {

constexpr const char* kPci = "/sys/bus/pci/devices/";
constexpr const char* kAuxiliary = "/sys/bus/auxiliary/devices/";
constexpr const char* kNotFound = "failed to find host device: ";

// A device's name in a folder of /sys; "" without the key.
std::string parse_id(const cni::Fields& fields, std::string_view key) {
  std::string id = fields.text_or(key, "");
  if (id.find('/') == std::string::npos && !id.starts_with('.')) return id;
  throw fields.error(key, "a device's name like 0000:03:00.0");
}

void require(bool is_allowed, const std::string& failure, const std::string& allowed) {
  if (!is_allowed) throw cni::Error(cni::kBadConfiguration, kNotFound + failure, allowed);
}

void parse_bus(Config& config, const cni::Fields& fields, const std::string& id) {
  const auto has = [&](const char* bus) { return !id.empty() && ::access((bus + id).c_str(), F_OK) == 0; };
  config.pci = has(kPci) ? id : parse_id(fields, "pciBusID");
  if (!config.pci.empty()) {
    config.folder = kPci + config.pci;
  } else if (has(kAuxiliary)) {
    config.folder = kAuxiliary + id;
  } else if (!id.empty()) {
    throw cni::Error(cni::kBadConfiguration, "runtime config DeviceID " + id + " not found or unsupported",
                     std::string("runtimeConfig.deviceID: allowed: a name in ") + kPci + " or " + kAuxiliary);
  }
}

void parse_selection(Config& config, const cni::Fields& fields) {
  config.device = attachment::parse_device(fields, "device");
  if (!config.device.empty()) return;
  if (const std::string mac = fields.text_or("hwaddr", ""); !mac.empty()) {
    config.mac = net::Mac::parse(mac);
    return require(config.mac.has_value(), "failed to parse MAC address \"" + mac + "\"",
                   "hwaddr: allowed: a MAC address like 0a:58:0a:01:00:02");
  }
  config.folder = fields.text_or("kernelpath", "");
  if (!config.folder.empty()) {
    return require(config.folder.starts_with("/sys/devices/"),
                   "kernel device path \"" + config.folder + "\" must be absolute and begin with /sys/devices/",
                   "kernelpath: allowed: a path below /sys/devices/");
  }
  const auto runtime = fields.object("runtimeConfig");
  parse_bus(config, fields, runtime ? parse_id(*runtime, "deviceID") : "");
}

}  // namespace

Config parse_config(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  Config config{
      .is_dpdk = fields.flag("dpdkMode"), .is_forced = fields.flag("force"), .dns = attachment::parse_dns(fields)};
  parse_selection(config, fields);
  const bool is_chosen_later = request.container_id.empty() && cni::declares(request.config, "deviceID");
  if (config.is_selective() || is_chosen_later) return config;
  throw cni::Error(cni::kBadConfiguration, R"(specify either "device", "hwaddr", "kernelpath" or "pciBusID")");
}

bool uses_dpdk(const Config& config) {
  if (config.is_dpdk || config.pci.empty()) return config.is_dpdk;
  const auto driver = attachment::driver_in(config.folder);
  if (driver) return driver == "vfio-pci" || driver == "uio_pci_generic" || driver == "igb_uio";
  throw cni::Error(cni::kInternal, "error with host device: " + config.folder + "/driver does not exist",
                   "there is no such PCI device, or it has no driver");
}

netlink::Link select(const Config& config, std::vector<netlink::Link> links) {
  const auto names = attachment::interfaces_in(config.folder);
  std::erase_if(links, [&](const netlink::Link& link) {
    if (!config.device.empty()) return !attachment::is_named(link, config.device);
    return config.mac ? link.mac != config.mac : !names.contains(link.name);
  });
  if (config.mac && links.size() > 1) return attachment::only_hardware(std::move(links));
  if (!links.empty()) return links.front();
  std::string reason = "failed to find network device in path " + config.folder + "/net";
  if (!config.device.empty()) reason = "Link not found";
  if (config.mac) reason = "failed to find physical interface";
  if (names.empty() && !config.pci.empty()) reason = "no net directory under pci device " + config.pci;
  throw cni::Error(cni::kInternal, kNotFound + reason, "the host has no such link; a container may have it");
}

}  // namespace host_device
