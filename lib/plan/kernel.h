// SPDX-License-Identifier: Apache-2.0
// The kernel of this call: two namespaces, a socket into each, and the nftables table. Plans are carried out here.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/netlink/link_watch.h"
#include "lib/netlink/socket.h"
#include "lib/netns/netns.h"
#include "lib/plan/plan.h"
#include "lib/ruleset/table.h"

namespace plan {

class Kernel {
 public:
  // The host's side only: for DEL, whose container may be gone, and for what concerns no container.
  Kernel();
  Kernel(Kernel&& other) noexcept;
  Kernel& operator=(Kernel&&) = delete;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel();

  // Both sides. Throws std::system_error `failed to open netns "<path>": ...` when there is no such namespace.
  explicit Kernel(const std::string& netns);

  // As the second, but a namespace that is gone, or whose path names something else, leaves the host's side only.
  static Kernel with_netns_if_present(const std::string& netns);

  // Both sides, for a DEL that has something to do in the container. nullopt if the namespace is gone, or if the path names
  // something else by now. Throws as the second constructor if it may exist and cannot be entered: without the permission, or
  // without descriptors, nothing is known of it.
  static std::optional<Kernel> unless_gone(const std::string& netns);

  [[nodiscard]] netlink::Socket& host() { return host_; }
  [[nodiscard]] bool has_container() const { return container_.has_value(); }
  [[nodiscard]] netlink::Socket& container();  // throws std::logic_error without a container's side
  [[nodiscard]] const netns::Netns& container_netns() const;
  [[nodiscard]] std::vector<sysctl::Seen> container_sysctls(std::span<const std::string> keys) const;  // in their order
  [[nodiscard]] netlink::LinkWatch watch(Where where, unsigned groups) const;                          // RTMGRP_*
  [[nodiscard]] netlink::Socket& netfilter();  // opened when it is first asked for
  [[nodiscard]] ruleset::Table table() { return ruleset::Table(netfilter()); }
  [[nodiscard]] bool has_nf_tables();  // where it has not, there is nothing of ours in it

  // Takes the steps in order: neighbouring link changes of one namespace travel in one send, the container's sysctls are
  // written with the thread inside it, and all nft changes are one transaction at the end. Stops at the first failure
  // with std::system_error; what was done until then stays, for the rollback. Throws nft::Raced.
  //
  // What the kernel would only make us wait for is left to a child process (os::Detached): a link that is deleted by itself is
  // gone for everybody at once, but its deletion returns after some grace periods (RCU), 15 to 40 ms. Closing the netfilter
  // socket at the end of this object is the like (netlink::close_deferred).
  void apply(const Plan& plan);

  // Plans and applies until no other process changed the table in between. Throws std::system_error (EAGAIN) when that
  // does not come about in a hundred tries.
  void settle(const std::function<Plan()>& make_plan);

  // Restores the rules of our tables after a flush (ruleset::Table::repair). Throws as settle().
  void repair_tables();

 private:
  struct Container {
    netns::Netns home;  // the host's, to come back to
    netns::Netns netns;
    netlink::Socket socket;
  };
  static Container enter(netns::Netns netns);
  void exchange(Where where, std::vector<netlink::Request>& requests);
  void delete_link(const netlink::DeleteLink& change);
  void set(Where where, std::span<const Step> steps) const;

  netlink::Socket host_;
  std::optional<Container> container_;
  bool has_removed_ = false;  // something from the tables
  std::optional<netlink::Socket> netfilter_;
};

}  // namespace plan
