// SPDX-License-Identifier: Apache-2.0
// footbridge reload: what living attachments have in nftables, made again after somebody flushed it.

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

void say(const std::string& text) { os::write_all(STDOUT_FILENO, text + "\n", "write to stdout"); }

// Aliases of attachments whose ADD came to its end, on links that have the name which goes with them.
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

  // The exit code. Links are looked at before the results and once more at the end: an attachment that came or went
  // meanwhile does not look as if its result had been lost.
  int run() {
    const std::set<std::string> attached = observe_attached(kernel_.host());
    attempt("make the table whole", [&] { kernel_.repair_tables(); });
    for (const std::string& name : cache_.names()) {
      if (may_be_wanted(name)) attempt("cached result " + name, [&] { consider(name); });
    }
    for (const Restored& one : restored_) {
      attempt(one.owner.text() + ": remove what was restored", [&] { take_back_if_gone(one); });
    }
    attempt("forget what containers sent in vain", [&] { forget_unanswered(); });
    tell_unknown(attached, observe_attached(kernel_.host()));
    say(std::to_string(restored_.size()) + " restored, " + std::to_string(failures_) + " failed");
    return failures_ == 0 ? 0 : 1;
  }

 private:
  struct Restored {
    net::Owner owner;
    std::vector<Restoration> restorations;
  };

  // One step of many: its failure is told, counted, and keeps no other from being done.
  template <class Step>
  bool attempt(const std::string& what, const Step& step) {
    try {
      step();
      return true;
    } catch (const std::exception& error) {
      complain(what + ": " + describe(as_error(error)));
      return false;
    }
  }

  void complain(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char byte) { return static_cast<unsigned char>(byte) < ' ' || byte == '\x7f'; },
        '?');
    ++failures_;
    os::write_all(STDERR_FILENO, "footbridge: reload: " + text + "\n", "write to stderr");
  }

  // By a file's name, which tells no more than that it may be.
  [[nodiscard]] bool may_be_wanted(const std::string& name) const {
    return network_.empty() || name.starts_with(network_ + "-");
  }

  void consider(const std::string& name) {
    const auto cached = cache_.load_named(name);
    if (!cached || (!network_.empty() && cached->owner.network != network_)) return;
    known_.insert(cached->owner.alias());
    Restored one{cached->owner, parse_restorations(*cached, plugins_, path_)};
    if (one.restorations.empty()) return;
    const attachment::Lock lock(one.owner);  // not beside its DEL
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
    say("restored " + one.owner.text() + ": " + names);
    restored_.push_back(std::move(one));
  }

  // DEL of a chain begins with the last plugin: it may have removed its part before we restored it, and the link after we
  // looked.
  void take_back_if_gone(const Restored& one) {
    const attachment::Lock lock(one.owner);
    if (observe_life(kernel_.host(), one.restorations.front().request) == Life::gone)
      remove_elements(kernel_, one.owner);
  }

  // What left while nothing was masqueraded, and goes on like that. One look for all: it walks the whole table of connections.
  void forget_unanswered() {
    for (const net::Family family : {net::Family::v4, net::Family::v6}) {
      std::set<net::Address> masqueraded;
      for (const ruleset::Element& element : kernel_.table().list(ruleset::masquerade_set(family).name)) {
        masqueraded.insert(std::get<net::Prefix>(element.key.at(0)).address);
      }
      if (!masqueraded.empty()) netlink::flush_unanswered(kernel_.netfilter(), family, masqueraded);
    }
  }

  // Those that were there before and after. An ADD keeps its result only once the last plugin is done.
  void tell_unknown(const std::set<std::string>& before, const std::set<std::string>& after) {
    for (const std::string& alias : before) {
      if (!after.contains(alias) || known_.contains(alias)) continue;
      if (!network_.empty() && !net::Owner::is_of_network(alias, network_)) continue;
      complain(alias + ": no cached result tells of its masquerading and ports: recreate the container");
    }
  }

  std::string network_;
  Cache cache_;
  std::vector<std::string> path_;  // of plugins
  std::span<const cni::Plugin* const> plugins_;
  plan::Kernel kernel_;
  std::set<std::string> known_;     // aliases
  std::vector<Restored> restored_;  // at least in part
  unsigned failures_ = 0;
};

}  // namespace

int reload(const AttachOptions& options, std::span<const cni::Plugin* const> plugins) {
  return Reload(options, plugins).run();
}

}  // namespace cli
