// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/bridge_port.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

namespace netlink {

Request request(const SetPort& change) {
  constexpr std::uint16_t kLldp = 1U << 0xeU;  // the bit number is the address's last four bits
  // RTM_NEWLINK without NLM_F_CREATE changes an existing link. Only it accepts port attributes by name.
  Message message(RTM_NEWLINK, 0);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  message.put_text(IFLA_IFNAME, change.name.text());
  if (!change.alias.empty()) message.put_text(IFLA_IFALIAS, change.alias);
  {
    const Message::Nest linkinfo(message, IFLA_LINKINFO);
    message.put_text(IFLA_INFO_SLAVE_KIND, "bridge");
    const Message::Nest port(message, IFLA_INFO_SLAVE_DATA);
    message.put_u8(IFLA_BRPORT_MODE, change.hairpin ? 1 : 0);
    message.put_u8(IFLA_BRPORT_ISOLATED, change.isolated ? 1 : 0);
    if (change.forwards_lldp) message.put_u16(IFLA_BRPORT_GROUP_FWD_MASK, kLldp);
  }
  return {std::move(message), "set bridge port " + change.name.text()};
}

std::string text(const SetPort& change) {
  std::string line = "ip link set dev " + change.name.text();
  if (!change.alias.empty()) line += " alias " + change.alias;
  return line + " type bridge_slave hairpin " + (change.hairpin ? "on" : "off") + " isolated " +
         (change.isolated ? "on" : "off") + (change.forwards_lldp ? " group_fwd_mask 0x4000" : "");
}

Request request(const SetMaster& change) {
  Message message(RTM_SETLINK, 0);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  message.put_text(IFLA_IFNAME, change.name.text());
  message.put_u32(IFLA_MASTER, change.master);
  return {std::move(message), "failed to connect \"" + change.name.text() + "\" to bridge " + change.master_name};
}

std::string text(const SetMaster& change) {
  return "ip link set dev " + change.name.text() + " master " + change.master_name;
}

}  // namespace netlink
