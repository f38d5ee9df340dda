// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/matrix/scene.h"

#include <set>
#include <stdexcept>

namespace test {
namespace {

constexpr std::uint16_t kDirectPort = 7000;
constexpr const char* kGroup4 = "239.1.2.3";
constexpr const char* kGroup6 = "ff05::123";
const std::string kMappings = R"([{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
                                  {"hostPort": 8080, "containerPort": 80, "protocol": "udp"}])";

// The configuration of a dual-stack network, 10.NUMBER.0.0/24 and fd00:NUMBER::/64.
Json network(const std::string& name, const std::string& type, const std::string& number, const char* more) {
  Json config = {{"cniVersion", "1.0.0"}, {"name", name}, {"type", type}, {"ipMasq", true}};
  if (type == "bridge")
    config.update(Json{{"bridge", "br-" + name}, {"isDefaultGateway", true}, {"hairpinMode", true}});
  config["ipam"] = {{"type", "host-local"}};
  config["ipam"]["ranges"] =
      Json::parse(R"([[{"subnet": "10.)" + number + R"(.0.0/24"}], [{"subnet": "fd00:)" + number + R"(::/64"}]])");
  if (type == "ptp") config["ipam"]["routes"] = Json::parse(R"([{"dst": "0.0.0.0/0"}, {"dst": "::/0"}])");
  config.merge_patch(Json::parse(more));
  return config;
}

Json mappings(const Topic& topic) { return Json::parse(topic.mappings == nullptr ? kMappings : topic.mappings); }

// Does the mapping have the cell's protocol and family?
bool is_for(const Json& mapping, const Cell& cell) {
  const std::string address = mapping.value("hostIP", "");
  const bool is_v4 = address.find(':') == std::string::npos;
  return mapping.value("protocol", "tcp") == (cell.is_tcp ? "tcp" : "udp") && (address.empty() || is_v4 == cell.is_v4);
}

// The container port of a host port; 0 if it is not published.
std::uint16_t container_port(const Topic& topic, const Cell& cell, int port) {
  for (const Json& mapping : mappings(topic)) {
    const int first = mapping["hostPort"];
    if (!is_for(mapping, cell) || port < first || port >= first + mapping.value("range", 1)) continue;
    return static_cast<std::uint16_t>(mapping["containerPort"].get<int>() + port - first);
  }
  return 0;
}

std::string netns_of(const std::string& place) {
  const bool is_hosts = place == "host" || place == "second" || place == "localhost" || place == "gateway";
  const bool is_to_many = place == "group" || place == "broadcast" || place == "all-ones";
  return is_hosts ? "" : is_to_many ? "neighbour" : place;
}

void require(const Outcome& outcome, const std::string& what) {
  if (!outcome.ok()) throw std::runtime_error(what + ": " + outcome.out + outcome.err);
}

}  // namespace

Scene::Scene() {
  host_.add_outside("outside");
  v4_ = {{"host", Host::kHostAddress},
         {"second", "192.168.1.20"},
         {"localhost", "127.0.0.1"},
         {"outside", Host::kOutsideAddress},
         {"group", kGroup4},
         {"all-ones", "255.255.255.255"},
         {"stranger's gateway", "10.3.0.1"},
         {"remote's gateway", "10.4.0.1"},
         {"fixed", "192.0.2.7"}};
  v6_ = {{"host", Host::kHostAddress6},       {"second", "fd99::20"},  {"localhost", "::1"},
         {"outside", Host::kOutsideAddress6}, {"group", kGroup6},      {"stranger's gateway", "fd00:3::1"},
         {"remote's gateway", "fd00:4::1"},   {"fixed", "2001:db8::7"}};
  host_.run({"ip", "address", "add", v4_["second"] + "/32", "dev", "lan0"});
  host_.run({"ip", "address", "add", v6_["second"] + "/128", "dev", "lan0", "nodad", "preferred_lft", "0"});
  for (const auto& to : {std::string("10.0.0.0/8"), v4_["fixed"]}) {
    host_.run({"ip", "route", "add", to, "via", Host::kHostAddress}, "outside");
  }
  for (const auto& to : {std::string("fd00::/16"), v6_["fixed"]}) {
    host_.run({"ip", "route", "add", to, "via", Host::kHostAddress6}, "outside");
  }
}

bool Scene::has_br_netfilter() const {
  return host_.try_run({}, {"sysctl", "-q", "net.bridge.bridge-nf-call-iptables"}).exit_code == 0;
}

std::string Scene::address(const std::string& name, bool is_v4) const {
  const auto& book = is_v4 ? v4_ : v6_;
  const auto found = book.find(name);
  return found == book.end() ? name : found->second;
}

void Scene::attach(const std::string& place, const Json& config) {
  const auto added = call({config["type"], "ADD", place, host_.add_netns(place), config.dump()});
  require(added, "ADD of " + place);
  attachments_.push_back({place, config, added.json()});
  for (const Json& ip : attachments_.back().result["ips"]) {
    const std::string prefix = ip["address"];
    (prefix.find(':') == std::string::npos ? v4_ : v6_)[place] = prefix.substr(0, prefix.find('/'));
  }
}

void Scene::publish(const Topic& topic) {
  Json config = {{"cniVersion", "1.0.0"}, {"name", "main"}, {"type", "portmap"}};
  config["prevResult"] = attachments_.front().result;
  config["runtimeConfig"]["portMappings"] = mappings(topic);
  config.merge_patch(Json::parse(topic.portmap));
  portmap_ = config.dump();
  require(call({"portmap", "ADD", "server", "/run/netns/server", portmap_}), "ADD of the ports");
}

void Scene::set_up(const Topic& topic) {
  if (has_br_netfilter()) {
    for (const char* tables : {"iptables", "ip6tables", "arptables"}) {
      const std::string name = std::string("net.bridge.bridge-nf-call-") + tables;
      host_.run({"sysctl", "-qw", name + (topic.has_br_netfilter ? "=1" : "=0")});
    }
  }
  const Json main = network("main", topic.type, "2", topic.main);
  v4_["gateway"] = "10.2.0.1";
  v6_["gateway"] = "fd00:2::1";
  v4_["broadcast"] = "10.2.0.255";
  attach("server", main);
  attach("neighbour", main);
  attach("stranger", network("other", "bridge", "3", topic.others));
  attach("remote", network("far", "ptp", "4", topic.others));
  publish(topic);
}

void Scene::take_down() {
  require(call({"portmap", "DEL", "server", "/run/netns/server", portmap_}), "DEL of the ports");
  for (const Attachment& one : attachments_) {
    const std::string path = "/run/netns/" + one.place;
    require(call({one.config["type"], "DEL", one.place, path, one.config.dump()}), "DEL of " + one.place);
    host_.remove_netns(one.place);
  }
  attachments_.clear();
  for (const char* bridge : {"br-main", "br-other"}) host_.try_run({}, {"ip", "link", "delete", bridge});
  // A topic must not inherit state, such as pairs of local addresses.
  for (const char* family : {"inet", "bridge"}) host_.try_run({}, {"nft", "delete", "table", family, "footbridge"});
  host_.run({"conntrack", "-F"});
}

void Scene::listen(Exchange& exchange, const Topic& topic) const {
  std::set<std::uint16_t> published;
  for (const Json& mapping : mappings(topic)) {
    const int first = mapping["containerPort"];
    for (int i = 0; i < mapping.value("range", 1) + 1; ++i) published.insert(static_cast<std::uint16_t>(first + i));
  }
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    for (const std::uint16_t port : published) exchange.listen("server", transport, port);
    for (const char* place : {"neighbour", "stranger", "remote", "", "outside"}) {
      exchange.listen(place, transport, kDirectPort);
    }
    exchange.listen("server", transport, kDirectPort);
  }
  for (const char* group : {kGroup4, kGroup6}) exchange.join("neighbour", "eth0", group);
}

Probe Scene::probe(const Topic& topic, const Cell& cell) const {
  const std::string to = cell.row->to;
  const std::size_t colon = to.find(':');
  const std::string place = to.substr(0, colon);
  Probe probe;
  probe.from = netns_of(cell.row->from);
  probe.to = address(place, cell.is_v4);
  probe.transport = cell.is_tcp ? Transport::tcp : Transport::udp;
  probe.is_expected = cell.expected() != std::string(kUnreached);
  probe.is_to_many = place == "group" || place == "broadcast" || place == "all-ones";
  const bool is_published = colon != std::string::npos;
  probe.port = is_published ? static_cast<std::uint16_t>(std::stoi(to.substr(colon + 1))) : kDirectPort;
  probe.server_netns = is_published ? "server" : netns_of(place);
  probe.server_port = is_published ? container_port(topic, cell, probe.port) : kDirectPort;
  return probe;
}

std::string Scene::defect(const Cell& cell, const Probe& probe, const Reply& reply) const {
  const std::string expected = cell.expected();
  const bool is_through = reply.is_through(probe.is_to_many);
  if (!is_through) {
    if (reply.is_answered)
      return "reply from " + (reply.strays.empty() ? std::string("an unknown server") : reply.strays.front());
    if (expected == kUnreached) return {};
    return reply.seen.empty() ? "not reached" : "reached as " + reply.seen + ", but no reply came back";
  }
  const std::string wanted = address(expected == kItself ? cell.row->from : expected, cell.is_v4);
  if (reply.seen != wanted) return "reached as " + reply.seen + " instead of " + wanted;
  if (!reply.strays.empty() && !probe.is_to_many) return "also received by " + reply.strays.front();
  return {};
}

std::string Scene::untracked(const Cell& cell, const Probe& probe, const Reply& reply,
                             const std::vector<Flow>& tracked) const {
  const std::string client = address(cell.row->from, cell.is_v4);
  const std::string server = probe.server_netns == "server" ? address("server", cell.is_v4) : probe.to;
  const Flow wanted{cell.is_tcp ? "tcp" : "udp",
                    {client, probe.to, reply.client_port, probe.port},
                    {server, reply.seen, probe.server_port, reply.seen_port}};
  const bool is_translated = server != probe.to || reply.seen != client;
  if (!reply.is_answered || !is_translated) return {};
  const auto flow = flow_of(tracked, wanted.protocol, wanted.original);
  if (!flow) return "no connection tracking entry for " + wanted.original.text();
  if (flow->reply == wanted.reply) return {};
  return "tracked with reply " + flow->reply.text() + " instead of " + wanted.reply.text();
}

Verdict Scene::run(const Topic& topic) {
  set_up(topic);
  Exchange exchange;
  listen(exchange, topic);
  const std::vector<Cell> all = cells(topic);
  std::vector<Probe> probes;
  probes.reserve(all.size());
  for (const Cell& cell : all) probes.push_back(probe(topic, cell));
  const std::vector<Reply> replies = exchange.run(probes);
  const std::vector<Flow> tracked = flows(host_);
  Verdict verdict{all.size(), {}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string wrong = defect(all[i], probes[i], replies[i]);
    if (wrong.empty()) wrong = untracked(all[i], probes[i], replies[i], tracked);
    if (!wrong.empty()) verdict.defects.push_back(std::string(topic.name) + ": " + all[i].name() + ": " + wrong);
  }
  take_down();
  return verdict;
}

}  // namespace test
