// SPDX-License-Identifier: Apache-2.0
// The firewall: separates containers from other networks and from each other.
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_bridge.h>

#include "lib/nft/builder.h"
#include "lib/ruleset/skeleton.h"

namespace ruleset {
namespace {

constexpr const char* kForward = "forward";
constexpr const char* kIsolation = "isolation";

// The bridge family has its own priority for filters (linux/netfilter_bridge.h).
constexpr std::int32_t kBridgeFilter = NF_BR_PRI_FILTER_BRIDGED;

nft::Rule jump_to_admin_chains() {
  return nft::Builder().add(nft::verdict(NFT_JUMP, kAdminChains)).rule(kForward, "jump " + std::string(kAdminChains));
}

// Accepts only for this chain: packets still pass the chains of other tables.
nft::Rule accept_known_flows() {
  return nft::Builder()
      .is_established()
      .add(nft::verdict(NF_ACCEPT))
      .rule(kForward, "ct state established,related accept");
}

nft::Rule accept_published_ports() {
  return nft::Builder()
      .destination_was_translated()
      .add(nft::verdict(NF_ACCEPT))
      .rule(kForward, "ct status dnat accept");
}

nft::Rule accept_within() {
  return nft::Builder()
      .links_in("within")
      .add(nft::verdict(NF_ACCEPT))
      .rule(kForward, "iifname . oifname @within accept");
}

nft::Rule drop_between() {
  return nft::Builder()
      .name_in(NFT_META_IIFNAME, "policed")
      .name_in(NFT_META_OIFNAME, "policed")
      .add(nft::verdict(NF_DROP))
      .rule(kForward, "iifname @policed oifname @policed drop");
}

// Names of ports, not of their bridges: kernels without NFT_BRIDGE_META do not know those (meta ibrname).
nft::Rule drop_between_ports() {
  return nft::Builder()
      .name_in(NFT_META_IIFNAME, "isolated")
      .name_in(NFT_META_OIFNAME, "isolated")
      .add(nft::verdict(NF_DROP))
      .rule(kIsolation, "iifname @isolated oifname @isolated drop");
}

}  // namespace

std::vector<nft::Chain> filter_chains() {
  return {
      {kAdminChains, nullptr, 0, 0, 1, "chains of administrators", nft::TableFamily::inet, true},
      {kForward, "filter", NF_INET_FORWARD, 0, 5, "isolated networks (ingressPolicy)"},
  };
}

std::vector<nft::Rule> filter_rules() {
  std::vector<nft::Rule> all;
  all.push_back(jump_to_admin_chains());
  all.push_back(accept_known_flows());
  all.push_back(accept_published_ports());
  all.push_back(accept_within());
  all.push_back(drop_between());
  return all;
}

std::vector<nft::Chain> isolation_chains() {
  return {{kIsolation, "filter", NF_BR_FORWARD, kBridgeFilter, 1,
           "containers that do not reach each other over their bridge (ingressPolicy isolated)",
           nft::TableFamily::bridge}};
}

std::vector<nft::Rule> isolation_rules() {
  std::vector<nft::Rule> all;
  all.push_back(drop_between_ports());
  return all;
}

}  // namespace ruleset
