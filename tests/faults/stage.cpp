// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/stage.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "lib/netns/netns.h"

namespace faults {
namespace {

namespace fs = std::filesystem;

struct Permanent {
  const char* beginning;
  const char* why;
};

constexpr std::array kPermanent{
    Permanent{"table 1 ", "the table is shared by all attachments and stays"},
    Permanent{"chain 1 ", "... with its chains"},
    Permanent{"rule 1 ", "... their rules"},
    Permanent{"set 1 ", "... and its sets, which are empty"},
    Permanent{"element footbridge local4 ", "it belongs to the network, not to an attachment"},
    Permanent{"element footbridge local6 ", "... of IPv6"},
    Permanent{"element footbridge localnet ", "it guards the bridge's route_localnet; both stay with the bridge"},
    Permanent{"folder /var/lib/cni/networks", "the folder of the store stays for the next attachment"},
    Permanent{"sysctl ", "forwarding is a setting of the host: others may rely on it"},
};

Dump dump_in(const std::string& netns) {
  const auto opened = netns::Netns::open("/run/netns/" + netns);
  const netns::Entered entered(opened.value());
  return Dump(NETLINK_ROUTE);
}

// The facts without random values.
Facts without(const std::string& pattern, const Facts& facts) {
  const std::regex random(pattern);
  Facts result;
  for (const std::string& fact : facts) result.insert(std::regex_replace(fact, random, "RANDOM"));
  return result;
}

}  // namespace

bool may_stay(const std::string& fact) {
  return std::any_of(kPermanent.begin(), kPermanent.end(),
                     [&](const Permanent& one) { return fact.starts_with(one.beginning); });
}

Stage::Stage(const Side& side, const Scene& scene, Runner& runner) : side_(side), scene_(scene), runner_(&runner) {
  host_ = std::make_unique<test::Host>();
  for (const char* name : {"c0", "c1", "c2"}) {
    host_->add_netns(name);
    routes_.emplace(name, dump_in(name));
  }
  routes_.emplace("host", Dump(NETLINK_ROUTE));
  netfilter_.emplace(NETLINK_NETFILTER);
  for (const std::vector<std::string>& command : scene_.setup) host_->run(command);
  path_ = side_.folder;
  if (scene_.has_ipam_process) {
    fs::create_directories("/run/copies");
    fs::copy_file(fs::canonical(side_.folder + "/host-local"), "/run/copies/host-local");
    path_ = "/run/copies:" + side_.folder;
  }
  prepare();
  learn();
}

Stage::~Stage() {
  fs::remove_all("/run/copies");
  fs::remove_all("/run/footbridge");
}

Facts Stage::observe() {
  constexpr int kTries = 20;  // a dump is repeated if a concurrent change interrupted it
  for (int left = kTries - 1;; --left) {
    try {
      Facts facts;
      for (auto& [name, dump] : routes_) {
        observe_links(dump, name, facts);
        observe_routes(dump, name, facts);
      }
      observe_ruleset(*netfilter_, facts);
      observe_forwarding(facts);
      for (const char* folder : {"/var/lib/cni", "/run"}) observe_files(folder, facts);
      if (side_.is_reference()) facts = without("veth[0-9a-f]{8}\\b", facts);
      return scene_.is_first ? without("mac=[0-9a-f]{12}", facts) : facts;
    } catch (const std::system_error& error) {
      if (left == 0 || error.code().value() != EINTR) throw;
    }
  }
}

// Waits until each IPv6 address of a container has its local route.
Facts Stage::observe_in_use() {
  constexpr std::chrono::milliseconds kMoment{20};
  const auto is_in_use = [](const Facts& facts, const std::string& fact) {
    std::istringstream words(fact);
    std::string what;
    std::string netns;
    std::string link;
    std::string address;
    words >> what >> netns >> link >> address;
    if (what != "address" || address.find(':') == std::string::npos) return true;
    const std::string route = "route " + netns + " " + address.substr(0, address.find('/')) + "/128 ";
    const auto found = facts.lower_bound(route);
    return found != facts.end() && found->starts_with(route);
  };
  Facts facts = observe();
  for (int left = 250; left > 0; --left) {
    if (std::all_of(facts.begin(), facts.end(), [&](const std::string& fact) { return is_in_use(facts, fact); })) break;
    std::this_thread::sleep_for(kMoment);
    facts = observe();
  }
  return facts;
}

Facts Stage::observe_settled(const Facts& expected) {
  constexpr std::chrono::milliseconds kMoment{20};
  Facts facts = observe();
  for (int left = 150; left > 0; --left) {
    const std::string rest = difference(expected, facts);
    if (rest.find("- route ") == std::string::npos || rest.find(" table=255 ") == std::string::npos) break;
    std::this_thread::sleep_for(kMoment);
    facts = observe();
  }
  return facts;
}

Program Stage::program(const std::string& verb, std::size_t plugin, const Attachment& attachment) const {
  Json config = scene_.plugins.at(plugin);
  if (config.at("type") == "portmap") {
    config["runtimeConfig"]["portMappings"] = {
        {{"hostPort", attachment.host_port}, {"containerPort", 80}, {"protocol", "tcp"}}};
  }
  if (verb == "ADD" && plugin > 0) config["prevResult"] = attachment.results.at(plugin - 1);
  if (verb != "ADD" && attachment.is_known) config["prevResult"] = attachment.results.back();
  if (verb == "GC") {
    config.erase("runtimeConfig");
    config.erase("prevResult");
    config["cni.dev/valid-attachments"] = {{{"containerID", c0_.id}, {"ifname", "eth0"}}};
  }
  Program result;
  result.path = side_.folder + "/" + config.at("type").get<std::string>();
  result.input = std::regex_replace(config.dump(), std::regex("CONTAINER"), attachment.id);
  result.environment = {"CNI_COMMAND=" + verb, "CNI_PATH=" + path_, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  if (verb == "GC") return result;
  for (const std::string& more : {"CNI_CONTAINERID=" + attachment.id, "CNI_NETNS=/run/netns/" + attachment.id,
                                  std::string("CNI_IFNAME=eth0"), std::string("CNI_ARGS=")}) {
    result.environment.push_back(more);
  }
  return result;
}

bool Stage::keep(Attachment& attachment, const std::string& out, std::size_t plugins) {
  Json result = Json::parse(out, nullptr, false);
  if (!result.is_object()) return false;
  attachment.results.push_back(std::move(result));
  attachment.is_known = attachment.results.size() == plugins;
  return true;
}

std::string Stage::call(const std::string& verb, std::size_t plugin, Attachment& attachment) {
  const RunResult ran = runner_->run(program(verb, plugin, attachment));
  const std::string what = verb + " of " + scene_.plugin_name(plugin) + " for " + attachment.id;
  if (ran.has_hung) return what + " hangs";
  if (ran.exit_code != 0) return what + " fails: " + std::to_string(ran.exit_code) + " " + ran.out + ran.err;
  if (verb == "ADD" && !keep(attachment, ran.out, scene_.plugins.size())) return what + " prints no result: " + ran.out;
  return {};
}

std::string Stage::add(Attachment& attachment, std::size_t first, std::size_t end) {
  for (std::size_t i = first; i < end; ++i) {
    std::string failure = call("ADD", i, attachment);
    if (!failure.empty()) return failure;
  }
  return {};
}

std::string Stage::remove(Attachment& attachment, std::size_t first, std::size_t end) {
  std::string first_failure;
  for (std::size_t i = end; i > first; --i) {
    std::string failure = call("DEL", i - 1, attachment);
    if (first_failure.empty()) first_failure = std::move(failure);
  }
  return first_failure;
}

void Stage::clear_results(Attachment& attachment) {
  attachment.results.clear();
  attachment.is_known = false;
}

std::string Stage::remove(Attachment& attachment) {
  std::string failure = remove(attachment, 0, scene_.plugins.size());
  clear_results(attachment);
  return failure;
}

void Stage::wipe() {
  host_->try_run({}, {"ip", "link", "delete", "cni0"});
  host_->run({"nft", "flush", "ruleset"});
  for (const char* folder : {"/var/lib/cni/networks", "/run/footbridge", "/run/cni"}) fs::remove_all(folder);
  for (const char* setting : {"ipv4/ip_forward", "ipv6/conf/all/forwarding"}) {
    std::ofstream("/proc/sys/net/" + std::string(setting)) << "0";
  }
}

void Stage::make_ready() {
  if (scene_.is_first) return wipe();
  set_hint();
}

void Stage::set_hint() {
  if (scene_.is_first) return fs::remove(std::string(kStore) + "/last_reserved_ip.0"), void();
  std::ofstream(std::string(kStore) + "/last_reserved_ip.0") << "10.1.0.2";
  if (scene_.is_dual_stack) std::ofstream(std::string(kStore) + "/last_reserved_ip.1") << "fd00:10:1::2";
}

bool Stage::keep_for_next() {
  constexpr int kMost = 8;
  is_kept_ = ++times_kept_ % kMost != 0;
  return is_kept_;
}

std::string Stage::must(const std::string& failure) const {
  if (!failure.empty()) throw std::runtime_error("scene " + scene_.name + ", without injections: " + failure);
  return failure;
}

// Creates all permanent objects, such as the bridge, before states are compared.
void Stage::prepare() {
  if (scene_.is_first) return;
  must(add(c0_, 0, scene_.plugins.size()));
  make_ready();
  must(add(c1_, 0, scene_.plugins.size()));
  must(remove(c1_));
}

void Stage::learn() {
  const std::size_t count = scene_.plugins.size();
  make_ready();
  usual_.added.push_back(observe_in_use());
  for (std::size_t i = 0; i < count; ++i) {
    must(add(c1_, i, i + 1));
    usual_.added.push_back(observe_in_use());
    usual_.results.push_back(normalised(c1_.results.back()));
  }
  usual_.deleted.resize(count + 1);
  usual_.deleted[count] = usual_.added[count];
  for (std::size_t i = count; i > 0; --i) {
    must(remove(c1_, i - 1, i));
    usual_.deleted[i - 1] = observe();
  }
  clear_results(c1_);
  usual_.left = observe();
  if (scene_.is_first) return;
  const std::string difference = compare_baseline(usual_.left);
  must(difference.empty() ? "" : "after ADD and DEL: " + difference);
  for (std::size_t i = 0; i < count; ++i) {
    make_ready();
    must(add(c1_, 0, count));
    must(call("GC", i, c1_));
    usual_.collected.push_back(observe());
    must(remove(c1_));
  }
}

std::string Stage::compare_baseline(const Facts& facts) const {
  if (!scene_.is_first) return difference(usual_.added.front(), facts);
  Facts settled;
  for (const std::string& fact : facts) {
    const bool is_usual = usual_.left.contains(fact) && !usual_.added.front().contains(fact);
    const bool is_setting = fact.starts_with("sysctl ");
    const bool is_bridge = fact.find(" cni0 ") != std::string::npos || fact.find("dev=cni0") != std::string::npos;
    if (!is_setting && !is_bridge && !is_usual) settled.insert(fact);
  }
  Facts before;
  for (const std::string& fact : usual_.added.front()) {
    if (!fact.starts_with("sysctl ")) before.insert(fact);
  }
  return difference(before, settled);
}

Json Stage::normalised(const Json& result) const {
  Json json = result;
  for (Json& interface : json["interfaces"]) {
    interface.erase("mac");
    const std::string name = interface.value("name", "");
    if (side_.is_reference() && name.starts_with("veth")) interface["name"] = "vethX";
  }
  return json;
}

}  // namespace faults
