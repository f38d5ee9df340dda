// SPDX-License-Identifier: Apache-2.0
// footbridge del and footbridge check: the verbs that need an earlier ADD.

#include <net/if.h>
#include <unistd.h>

#include <cstdio>
#include <iterator>

#include "cli/cni/chain.h"
#include "cli/cni/setting.h"
#include "cli/commands.h"
#include "cli/exec/held_signals.h"

namespace cli {
namespace {

std::optional<CacheEntry> load(const Cache& cache, const net::Owner& owner) {
  try {
    return cache.load(owner);
  } catch (const std::exception&) {
    return std::nullopt;  // DEL works without it and warns; CHECK reports the same fault
  }
}

// The options of ADD need not be repeated: a published port is closed in any case.
void complete(Attachment& attachment, const CacheEntry& entry) {
  if (attachment.args.empty()) attachment.args = entry.attachment.args;
  if (!entry.attachment.capabilities.is_object()) return;
  for (const auto& [capability, value] : entry.attachment.capabilities.items()) {
    if (!attachment.capabilities.contains(capability)) attachment.capabilities[capability] = value;
  }
}

// The network's current configuration, or that of ADD if its file is gone.
Conflist load_network(const AttachOptions& options, const std::optional<CacheEntry>& entry) {
  try {
    return load_conflist(conf_path(options), options.network);
  } catch (const std::exception&) {
    if (!entry || entry->config.empty()) throw;
    return parse_conflist(entry->config, "cached configuration of " + options.network);
  }
}

bool has_result(const Cache& cache, const net::Owner& owner) { return ::access(cache.file(owner).c_str(), F_OK) == 0; }

// Completes a prefix of a container id. A cached attachment of another namespace does not match: if "web" is deleted
// twice, the second DEL must not delete "web2".
void complete_id(Attachment& attachment, const std::vector<CachedAttachment>& known) {
  std::vector<CachedAttachment> matches;
  for (const CachedAttachment& one : known) {
    if (one.owner.container_id == attachment.container_id) return;
    const std::string& netns = one.entry.attachment.netns;  // libcni 1.1 does not store it
    const bool may_be_in = netns.empty() || default_container_id(netns) == default_container_id(attachment.netns);
    if (one.owner.container_id.starts_with(attachment.container_id) && one.owner.ifname == attachment.ifname &&
        may_be_in)
      matches.push_back(one);
  }
  if (matches.size() == 1) attachment.container_id = matches.front().owner.container_id;
  if (matches.size() < 2) return;
  std::string ids;
  for (const CachedAttachment& one : matches) ids += (ids.empty() ? "" : ", ") + one.owner.container_id;
  throw cni::Error(cni::kBadEnvironment, "--id " + attachment.container_id + " is ambiguous", "it matches " + ids);
}

struct Attached {
  Cache cache;
  Attachment attachment;
  Conflist network;
  std::vector<std::string> path;
};

Attached find(const AttachOptions& options) {
  Cache cache(cache_folder(options));
  Attachment attachment = attachment_of(options);
  if (!options.container_id.empty() && !has_result(cache, attachment.owner(options.network)))
    complete_id(attachment, cache.load_readable(options.network));
  const auto entry = load(cache, attachment.owner(options.network));
  if (entry) complete(attachment, *entry);
  return {std::move(cache), std::move(attachment), load_network(options, entry), plugin_folders(options)};
}

}  // namespace

int check(const AttachOptions& options) {
  const Attached attached = find(options);
  Chain(attached.network, attached.attachment, attached.path, attached.cache).check();
  return 0;
}

int del(const AttachOptions& options) {
  const Attached attached = find(options);
  const net::Owner owner = attached.attachment.owner(options.network);
  const bool is_known = has_result(attached.cache, owner) || ::if_nametoindex(owner.host_end().text().c_str()) != 0;
  const HeldSignals held;
  Chain(attached.network, attached.attachment, attached.path, attached.cache).del();
  if (!is_known) std::fprintf(stderr, "footbridge: warning: del: found no attachment %s\n", owner.text().c_str());
  return 0;
}

}  // namespace cli
