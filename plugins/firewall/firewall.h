// The firewall plugin: the container's traffic past the host's firewalls, and networks from each other. Chained after the plugin
// that gave the container its addresses. Keys: config.h.
#pragma once

#include "lib/cni/serve.h"
#include "lib/plan/kernel.h"
#include "plugins/firewall/plan.h"

namespace firewall {

const cni::Plugin& plugin();

// What ADD makes in nf_tables, made again: nothing that is there already is changed.
// has_firewalld: see plan::observe_forward_drops.
void add_rules(plan::Kernel& kernel, const Wanted& wanted, bool has_firewalld);

// That for an ADD whose request this was, and firewalld's sources: after somebody has flushed the rules or reloaded firewalld.
void restore(const cni::Request& request);

}  // namespace firewall
