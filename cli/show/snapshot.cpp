// SPDX-License-Identifier: Apache-2.0
#include "cli/show/snapshot.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "cli/cni/attachment.h"

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

using Cell = std::vector<std::string>;  // lines
constexpr std::size_t kColumns = 7;
using Row = std::array<Cell, kColumns>;

// The length of an address without a known network means nothing.
std::string text_of(const net::Prefix& address) {
  return address.length == net::bits(address.family()) ? address.address.text() : address.text();
}

std::string host_interface_of(const SeenAttachment& attachment) {
  if (attachment.host_interface.empty()) return "(gone)";
  if (!attachment.is_finished) return attachment.host_interface + " (unfinished)";
  return attachment.host_interface + (attachment.is_up ? "" : " (down)");
}

Row row_of(const SeenAttachment& attachment) {
  Cell addresses;
  for (const net::Prefix& address : attachment.addresses) addresses.push_back(text_of(address));
  Cell ports;
  for (const SeenPort& port : attachment.ports) ports.push_back(text(port));
  return {Cell{short_id(attachment.owner.container_id)},
          Cell{attachment.owner.ifname},
          attachment.pod.empty() ? Cell{} : Cell{attachment.pod},
          Cell{host_interface_of(attachment)},
          Cell{attachment.kind.empty() ? "-" : attachment.kind},
          addresses,
          ports};
}

std::string heading(const SeenNetwork& network) {
  std::string line = "network " + network.name;
  if (!network.bridge.empty()) line += ", bridge " + network.bridge;
  for (const net::Prefix& address : network.bridge_addresses) line += " " + address.text();
  return line;
}

using Widths = std::array<std::size_t, kColumns>;

void widen(Widths& widths, const Row& row) {
  for (std::size_t column = 0; column < kColumns; ++column) {
    for (const std::string& line : row.at(column)) {
      widths.at(column) = std::max(widths.at(column), line.size());
    }
  }
}

void append(std::string& to, const Row& row, const Widths& widths) {
  std::size_t height = 0;
  for (const Cell& cell : row) height = std::max(height, cell.size());
  for (std::size_t line = 0; line < height; ++line) {
    std::string text = "  ";
    for (std::size_t column = 0; column < kColumns; ++column) {
      if (widths.at(column) == 0) continue;  // POD
      const std::string word = line < row.at(column).size() ? row.at(column)[line] : line == 0 ? "-" : "";
      text += word + std::string(widths.at(column) + 2 - word.size(), ' ');
    }
    to += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  }
}

Json texts(const std::vector<net::Prefix>& addresses) {
  Json list = Json::array();
  for (const net::Prefix& address : addresses) list.push_back(text_of(address));
  return list;
}

Json json_of(const SeenPort& port) {
  Json object{{"hostIP", port.host_ip.text()},
              {"hostPort", port.host_port},
              {"protocol", port.protocol},
              {"containerIP", port.container_ip.text()},
              {"containerPort", port.container_port}};
  if (port.is_standby) object["standby"] = true;
  return object;
}

Json json_of(const SeenAttachment& attachment) {
  Json ports = Json::array();
  for (const SeenPort& port : attachment.ports) ports.push_back(json_of(port));
  return {{"containerID", attachment.owner.container_id},
          {"ifname", attachment.owner.ifname},
          {"pod", attachment.pod},
          {"hostInterface", attachment.host_interface},
          {"kind", attachment.kind},
          {"up", attachment.is_up},
          {"finished", attachment.is_finished},
          {"addresses", texts(attachment.addresses)},
          {"ports", ports}};
}

}  // namespace

std::string table(const Snapshot& snapshot) {
  if (snapshot.networks.empty()) return "nothing is attached on this host\n";
  Row titles{Cell{"CONTAINER"}, Cell{"INTERFACE"}, Cell{},       Cell{"HOST INTERFACE"},
             Cell{"KIND"},      Cell{"ADDRESSES"}, Cell{"PORTS"}};
  Widths widths{};
  for (const SeenNetwork& network : snapshot.networks) {
    for (const SeenAttachment& attachment : network.attachments) widen(widths, row_of(attachment));
  }
  constexpr std::size_t kPod = 2;
  if (widths.at(kPod) > 0) titles.at(kPod) = {"POD"};
  widen(widths, titles);
  std::string text;
  for (const SeenNetwork& network : snapshot.networks) {
    text += (text.empty() ? "" : "\n") + heading(network) + "\n";
    if (network.attachments.empty()) text += "  nothing attached\n";
    if (!network.attachments.empty()) append(text, titles, widths);
    for (const SeenAttachment& attachment : network.attachments) append(text, row_of(attachment), widths);
  }
  return text;
}

std::string json(const Snapshot& snapshot) {
  Json networks = Json::array();
  for (const SeenNetwork& network : snapshot.networks) {
    Json attachments = Json::array();
    for (const SeenAttachment& attachment : network.attachments) attachments.push_back(json_of(attachment));
    networks.push_back({{"name", network.name},
                        {"bridge", network.bridge},
                        {"bridgeAddresses", texts(network.bridge_addresses)},
                        {"attachments", attachments}});
  }
  return Json{{"networks", networks}}.dump(2) + "\n";
}

std::string text(const SeenPort& port) {
  const std::string ip = port.host_ip.text();
  return (port.host_ip.is_v4() ? ip : "[" + ip + "]") + ":" + std::to_string(port.host_port) + " -> " +
         std::to_string(port.container_port) + "/" + port.protocol + (port.is_standby ? " (standby)" : "");
}

}  // namespace cli
