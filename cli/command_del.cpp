// SPDX-License-Identifier: Apache-2.0
// footbridge del and footbridge check: the verbs that look back at an ADD.

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
    return std::nullopt;  // DEL works without it, and tells; CHECK finds the same fault
  }
}

// What was asked for at ADD need not be said again: a port is closed though nobody names it.
void complete(Attachment& attachment, const CacheEntry& entry) {
  if (attachment.args.empty()) attachment.args = entry.attachment.args;
  if (!entry.attachment.capabilities.is_object()) return;
  for (const auto& [capability, value] : entry.attachment.capabilities.items()) {
    if (!attachment.capabilities.contains(capability)) attachment.capabilities[capability] = value;
  }
}

// The network as the folder has it; when its file is gone, as it was at ADD.
Conflist load_network(const AttachOptions& options, const std::optional<CacheEntry>& entry) {
  try {
    return load_conflist(conf_folder(options), options.network);
  } catch (const std::exception&) {
    if (!entry || entry->config.empty()) throw;
    return parse_conflist(entry->config, "cached configuration of " + options.network);
  }
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
  const HeldSignals held;
  Chain(attached.network, attached.attachment, attached.path, attached.cache).del();
  return 0;
}

}  // namespace cli
