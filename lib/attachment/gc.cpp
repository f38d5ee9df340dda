// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/gc.h"

#include <array>

#include "lib/attachment/removal.h"
#include "lib/cni/delegate.h"
#include "lib/log/log.h"
#include "lib/netlink/link_group.h"

namespace attachment {
namespace {

constexpr std::array kParts{ruleset::Part::masquerade, ruleset::Part::source_check};

void record(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) logging::record_action("collect " + line);
}

void collect_links(plan::Kernel& kernel, const net::Attachments& alive) {
  const logging::Stage stage("links");
  const std::vector<netlink::Link> links = netlink::observe_links(kernel.host());
  const std::vector<netlink::Link> abandoned = select_abandoned(links, alive);
  if (abandoned.empty()) return;
  kernel.apply(plan_collect(abandoned, netlink::unused_group(links)));
  record(lines(abandoned));
}

}  // namespace

void collect(const cni::Request& request) {
  const net::Attachments alive = request.alive().value();
  plan::Kernel kernel;
  AbandonedElements collected;
  cni::Steps steps;
  collect_elements(steps, kernel, alive, kParts, collected);
  steps.run("delete abandoned links", [&] { collect_links(kernel, alive); });
  steps.run("release abandoned addresses", [&] { cni::delegate_ipam(request, cni::Verb::gc); });
  steps.finish();
}

void collect_elements(cni::Steps& steps, plan::Kernel& kernel, const net::Attachments& alive,
                      std::span<const ruleset::Part> parts, AbandonedElements& collected) {
  bool has_nf_tables = false;
  steps.run("look for nf_tables", [&] { has_nf_tables = kernel.has_nf_tables(); });
  if (!has_nf_tables) return;
  for (const ruleset::Part part : parts) {  // a failure to read one part does not stop the others
    steps.run("delete abandoned nftables elements", [&] {
      const logging::Stage stage("elements");
      AbandonedElements found;
      kernel.apply_with_retry([&] {
        found = observe_abandoned_elements(kernel.table(), alive, {&part, 1});
        return plan_collect(found);
      });
      record(lines(found));
      for (ruleset::Element& element : found.elements) collected.elements.push_back(std::move(element));
    });
  }
  steps.run("delete leftovers of the reference",
            [&] { remove_reference(kernel, [&] { return reference::observe_abandoned(kernel.netfilter(), alive); }); });
}

}  // namespace attachment
