// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/scene.h"

#include "tests/netns/host.h"

namespace bench {
namespace {

constexpr int kMostForIptables = 1000;  // existing attachments

std::vector<Scene> many_at_once() {
  std::vector<Scene> result;
  for (const int at_once : {8, 32}) {
    Scene scene{"at-once", "the chain, several at once"};
    scene.at_once = at_once;
    scene.calls = 128;
    scene.reference_calls = 64;
    scene.rounds = 2;
    result.push_back(scene);
  }
  return result;
}

std::vector<Scene> of_sizes() {
  std::vector<Scene> result;
  for (const int attachments : {10, 100, 1000, 10000}) {
    Scene scene{"size", "the chain with existing attachments (their rules or elements and files, no links)"};
    scene.attachments = attachments;
    scene.calls = 50;
    scene.reference_calls = attachments <= kMostForIptables ? 12 : 5;
    result.push_back(scene);
  }
  return result;
}

std::vector<Scene> on_lan() {
  std::vector<Scene> result;
  for (const std::string plugin : {"macvlan", "ipvlan"}) {
    for (const bool is_dual_stack : {false, true}) {
      Scene scene{plugin + (is_dual_stack ? "-dual-stack" : ""),
                  plugin + " + host-local" + (is_dual_stack ? " with IPv4 and IPv6" : ""), plugin, is_dual_stack};
      scene.ports = 0;
      scene.calls = 60;
      scene.reference_calls = 30;
      result.push_back(scene);
    }
  }
  return result;
}

}  // namespace

int Scene::calls_of(const Side& side) const {
  return side.kind == Side::Kind::reference && reference_calls > 0 ? reference_calls : calls;
}

int Scene::turn_of(const Side& side) const {
  constexpr int kTurns = 10;
  return at_once > 1 ? calls_of(side) : (calls_of(side) + kTurns - 1) / kTurns;
}

std::string Scene::left_out(const Side& side) const {
  if (side.kind == Side::Kind::floor && !has_floor) return "the floor has no program for this scene";
  if (side.backend == "iptables" && attachments > kMostForIptables) return "this many iptables rules take too long";
  if (is_on_lan() && side.backend == "iptables") return "the plugin has no rules: the same as with nftables";
  if (is_on_lan() && !test::has_link_kind(plugin)) return "this kernel has no links of kind " + plugin;
  return {};
}

std::vector<Scene> scenes() {
  std::vector<Scene> result;
  Scene chain{"chain", "bridge + host-local + masquerade + one published port"};
  chain.calls = 200;
  result.push_back(chain);
  Scene ptp{"ptp", "ptp + host-local + masquerade + one published port", "ptp"};
  ptp.calls = 60;
  ptp.has_floor = false;
  result.push_back(ptp);
  Scene dual{"dual-stack", "the chain with IPv4 and IPv6", "bridge", true};
  dual.calls = 60;
  result.push_back(dual);
  Scene ports{"ports-20", "the chain with 20 published ports", "bridge", false, 20};
  ports.calls = 60;
  ports.reference_calls = 30;
  result.push_back(ports);
  Scene udp{"udp", "the chain with one UDP port instead of one TCP port"};
  udp.calls = 60;
  udp.protocol = "udp";
  udp.has_floor = false;
  result.push_back(udp);
  Scene thrice{"del-three-times", "DEL repeated with empty CNI_NETNS and without prevResult"};
  thrice.calls = 60;
  thrice.reference_calls = 30;
  thrice.has_floor = false;
  thrice.verbs = {"ADD", "DEL", kDelAgain, kDelThird};
  result.push_back(thrice);
  for (const Scene& scene : on_lan()) result.push_back(scene);
  for (const Scene& scene : many_at_once()) result.push_back(scene);
  for (const Scene& scene : of_sizes()) result.push_back(scene);
  return result;
}

}  // namespace bench
