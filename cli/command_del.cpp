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

bool is_known(const Cache& cache, const net::Owner& owner) {
  return has_result(cache, owner) || ::if_nametoindex(owner.host_end().text().c_str()) != 0;
}

// Completes a prefix of a container id. A cached attachment of another namespace does not match: if "web" is deleted
// twice, the second DEL must not delete "web2". Results of libcni 1.1 (containerd 1.6 and 1.7) do not name the
// namespace; they match only a prefix that is as long as the ids of show.
void complete_id(Attachment& attachment, const std::vector<CachedAttachment>& known) {
  std::vector<CachedAttachment> matches;
  for (const CachedAttachment& one : known) {
    if (one.owner.container_id == attachment.container_id) return;
    const std::string& netns = one.entry.attachment.netns;
    const bool may_be_in = netns.empty() ? attachment.container_id.size() >= kShortId
                                         : default_container_id(netns) == default_container_id(attachment.netns);
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
  if (!options.container_id.empty() && !is_known(cache, attachment.owner(options.network)))
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
  const bool is_found = is_known(attached.cache, owner);
  const HeldSignals held;
  Chain(attached.network, attached.attachment, attached.path, attached.cache).del();
  if (!is_found) {
    const std::string ids = list_ids(attached.cache.load_readable(owner.network));
    std::fprintf(stderr, "footbridge: warning: del: %s has no result of ADD and no host end; known ids: %s\n",
                 owner.text().c_str(), ids.empty() ? "none" : ids.c_str());
  }
  return 0;
}

}  // namespace cli
