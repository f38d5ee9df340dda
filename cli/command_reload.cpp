// SPDX-License-Identifier: Apache-2.0
// footbridge reload: restore the nftables elements of living attachments after a flush.

#include <unistd.h>

#include <algorithm>
#include <set>

#include "cli/cni/chain.h"
#include "cli/cni/setting.h"
#include "cli/commands.h"
#include "cli/reload/restoration.h"
#include "lib/attachment/lock.h"
#include "lib/netlink/conntrack.h"
#include "lib/netlink/link.h"
#include "lib/nft/set.h"
#include "lib/os/file.h"
#include "lib/plan/kernel.h"
#include "lib/ruleset/sets.h"

namespace cli {
namespace {

void print(const std::string& text) { os::write_all(STDOUT_FILENO, text + "\n", "write to stdout"); }

// Aliases of attachments whose ADD has ended, on links with the name that belongs to the alias.
std::set<std::string> observe_attached(netlink::Socket& host) {
  std::set<std::string> aliases;
  for (const netlink::Link& link : netlink::observe_links(host)) {
    const auto host_end = net::Owner::host_end_of(link.alias);
    if (host_end && host_end->text() == link.name) aliases.insert(link.alias);
  }
  return aliases;
}

class Reload {
 public:
  Reload(const AttachOptions& options, std::span<const cni::Plugin* const> plugins)
      : network_(options.network), cache_(cache_folder(options)), path_(plugin_folders(options)), plugins_(plugins) {}

  // Returns the exit code. Links are read before the results and again at the end, so that an attachment that was added
  // or deleted meanwhile does not seem to have lost its result.
  int run() {
    const std::set<std::string> attached = observe_attached(kernel_.host());
    attempt("repair the tables", [&] { kernel_.repair_tables(); });
    for (const std::string& name : cache_.names()) {
      if (may_match(name)) attempt("cached result " + name, [&] { restore_file(name); });
    }
    for (const Restored& one : restored_) {
      attempt(one.owner.text() + ": delete restored elements", [&] { revert_if_gone(one); });
    }
    attempt("flush unanswered connections", [&] { flush_unanswered(); });
    report_unknown(attached, observe_attached(kernel_.host()));
    if (!network_.empty() && known_.empty() && failures_ == 0) {
      std::fprintf(stderr, "footbridge: warning: reload: found no attachment of network %s\n", network_.c_str());
    }
    print(std::to_string(restored_.size()) + " restored, " + std::to_string(failures_) + " failed");
    return failures_ == 0 ? 0 : 1;
  }

 private:
  struct Restored {
    net::Owner owner;
    std::vector<Restoration> restorations;
  };

  // One step of many. Its failure is printed and counted, and the next step runs.
  template <class Step>
  bool attempt(const std::string& what, const Step& step) {
    try {
      step();
      return true;
    } catch (const std::exception& error) {
      report(what + ": " + describe(as_error(error)));
      return false;
    }
  }

  void report(const std::string& text) {
    ++failures_;
    print_error(text);
  }

  static void print_error(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char byte) { return static_cast<unsigned char>(byte) < ' ' || byte == '\x7f'; },
        '?');
    os::write_all(STDERR_FILENO, "footbridge: reload: " + text + "\n", "write to stderr");
  }

  // A file's name does not say where the network's name ends.
  [[nodiscard]] bool may_match(const std::string& name) const {
    return network_.empty() || name.starts_with(network_ + "-");
  }

  void restore_file(const std::string& name) {
    const auto cached = cache_.load_named(name);
    if (!cached || (!network_.empty() && cached->owner.network != network_)) return;
    known_.insert(cached->owner.alias());
    Restored one{cached->owner, parse_restorations(*cached, plugins_, path_)};
    if (one.restorations.empty()) return;
    const attachment::Lock lock(one.owner);  // excludes its DEL
    if (observe_life(kernel_.host(), one.restorations.front().request) == Life::alive) restore(std::move(one));
  }

  void restore(Restored one) {
    std::string names;
    for (const Restoration& restoration : one.restorations) {
      const std::string name(restoration.plugin->name);
      const bool is_done =
          attempt(one.owner.text() + ": plugin " + name, [&] { restoration.plugin->restore(restoration.request); });
      if (is_done) names += (names.empty() ? "" : ", ") + name;
    }
    if (names.empty()) return;
    print("restored " + one.owner.text() + ": " + names);
    restored_.push_back(std::move(one));
  }

  // DEL of a chain begins with the last plugin. It may have deleted its part before we restored it, and the link after
  // we observed it.
  void revert_if_gone(const Restored& one) {
    const attachment::Lock lock(one.owner);
    if (observe_life(kernel_.host(), one.restorations.front().request) == Life::gone)
      delete_elements(kernel_, one.owner);
  }

  // Connections that began without masquerading would continue without it. One pass over the table of connections for
  // all.
  void flush_unanswered() {
    for (const net::Family family : {net::Family::v4, net::Family::v6}) {
      std::set<net::Address> masqueraded;
      for (const ruleset::Element& element : kernel_.table().list(ruleset::masquerade_set(family).name)) {
        masqueraded.insert(std::get<net::Prefix>(element.key.at(0)).address);
      }
      if (!masqueraded.empty()) netlink::flush_unanswered(kernel_.netfilter(), family, masqueraded);
    }
  }

  // Attachments that exist before and after. ADD stores its result only when the last plugin is done.
  void report_unknown(const std::set<std::string>& before, const std::set<std::string>& after) {
    for (const std::string& alias : before) {
      if (!after.contains(alias) || known_.contains(alias)) continue;
      if (!network_.empty() && !net::Owner::is_of_network(alias, network_)) continue;
      report(alias + ": no cached result, so masquerading and ports are unknown; recreate the container");
    }
  }

  std::string network_;
  Cache cache_;
  std::vector<std::string> path_;  // the folders of plugins
  std::span<const cni::Plugin* const> plugins_;
  plan::Kernel kernel_;
  std::set<std::string> known_;     // aliases
  std::vector<Restored> restored_;  // also partly
  unsigned failures_ = 0;
};

}  // namespace

int reload(const AttachOptions& options, std::span<const cni::Plugin* const> plugins) {
  return Reload(options, plugins).run();
}

}  // namespace cli
