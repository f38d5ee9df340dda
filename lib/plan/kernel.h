// SPDX-License-Identifier: Apache-2.0
// The kernel as one call uses it: two namespaces, a socket in each, and the nftables tables. Applies plans.
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
  // Only the host's side: for DEL, whose container may be gone, and for tasks without a container.
  Kernel();
  Kernel(Kernel&& other) noexcept;
  Kernel& operator=(Kernel&&) = delete;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel();

  // Both sides. Throws std::system_error `failed to open netns "<path>": ...` if the namespace does not exist.
  explicit Kernel(const std::string& netns);

  // Both sides, or only the host's if the namespace is gone or the path is something else.
  static Kernel with_netns_if_present(const std::string& netns);

  // Both sides, for a DEL that must act in the container. nullopt if the namespace is gone or the path is something
  // else now. Throws like the constructor if the namespace may exist but cannot be entered, for lack of permission or
  // descriptors.
  static std::optional<Kernel> unless_gone(const std::string& netns);

  [[nodiscard]] netlink::Socket& host() { return host_; }
  [[nodiscard]] bool has_container() const { return container_.has_value(); }
  [[nodiscard]] netlink::Socket& container();  // throws std::logic_error if there is no container's side
  [[nodiscard]] const netns::Netns& container_netns() const;
  [[nodiscard]] std::vector<sysctl::Seen> container_sysctls(std::span<const std::string> keys) const;  // in order
  [[nodiscard]] netlink::LinkWatch watch(Where where, unsigned groups) const;                          // RTMGRP_*
  [[nodiscard]] netlink::Socket& netfilter();  // opened on first use
  [[nodiscard]] ruleset::Table table() { return ruleset::Table(netfilter()); }
  [[nodiscard]] bool has_nf_tables();  // if not, there is nothing of ours to delete

  // Executes the steps in order. Consecutive link changes in one namespace are one send. The container's sysctls are
  // written by the thread inside its namespace. All nft changes are one transaction at the end. Stops at the first
  // failure with std::system_error; earlier steps stay, for the rollback. Throws nft::Raced.
  //
  // A child process (os::Detached) takes over where the kernel would only make us wait. A deleted link is gone at once,
  // but its deletion returns after some grace periods (RCU), 15 to 40 ms: if it is the only link change, the child
  // waits for it. The destructor closes the netfilter socket in the same way (netlink::close_deferred).
  void apply(const Plan& plan);

  // Plans and applies, again if another process changed the ruleset in between. Throws std::system_error (EAGAIN) after
  // a hundred attempts.
  void apply_with_retry(const std::function<Plan()>& make_plan);

  // Restores the rules of our tables after a flush (ruleset::Table::repair). Throws like apply_with_retry().
  void repair_tables();

 private:
  struct Container {
    netns::Netns home;  // the host's, to return to
    netns::Netns netns;
    netlink::Socket socket;
  };
  static Container enter(netns::Netns netns);
  void exchange(Where where, std::vector<netlink::Request>& requests);
  void delete_link(const netlink::DeleteLink& change);
  void set(Where where, std::span<const Step> steps) const;

  netlink::Socket host_;
  std::optional<Container> container_;
  bool has_removed_ = false;  // from the tables
  std::optional<netlink::Socket> netfilter_;
};

}  // namespace plan
