// SPDX-License-Identifier: Apache-2.0
// The plugins of one network, run for one attachment as libcni runs them (libcni/api.go; SPEC.md, "Section 3").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/cni/attachment.h"
#include "cli/cni/cache.h"
#include "cli/cni/conflist.h"

namespace cli {

// stdin of one plugin: its configuration with name and cniVersion, prevResult, and of the attachment's capabilities the
// ones that the plugin declares.
std::string plugin_input(const Conflist& network, const PluginConfig& plugin, const Attachment& attachment,
                         const std::optional<cni::Json>& previous);

// A cached result in the configuration's version: it may have been changed while the container was running.
cni::Json in_version(const cni::Json& result, cni::Version version);

// Throws cni::Error code 2 for a capability that is asked for and that no plugin of the network declares: libcni drops it
// without a word, and the port is not published.
void require_declared(const Conflist& network, const Attachment& attachment);

class Chain {
 public:
  // path: the folders of the plugins, CNI_PATH. Everything is referred to, not copied.
  Chain(const Conflist& network, const Attachment& attachment, const std::vector<std::string>& path, const Cache& cache)
      : network_(network), attachment_(attachment), path_(path), cache_(cache) {}

  // STATUS of every plugin, before a first ADD that would fail or harm the host. Throws cni::Error if one answers 50 or 51;
  // ADD reports all other failures. Does nothing below version 1.1.0, which has no STATUS.
  void require_available();

  // ADD of every plugin; the last one's answer is kept in the cache and returned as it was printed. When one fails, every
  // plugin gets DEL, also those that had no ADD, as runtimes do it. Throws cni::Error "plugin <type> failed (ADD): ...".
  std::string add();

  // Throws cni::Error when there is no cached result, when the version is below 0.4.0, or when a plugin says no.
  // Does nothing for a network with disableCheck.
  void check();

  // DEL of every plugin, the last one first. Unlike libcni it goes on after a failure, whatever it was, and throws all of
  // them together; the cached result is removed when there was none. What is wrong with the cache itself is told on stderr
  // and hinders nothing.
  void del();

 private:
  std::string call(const PluginConfig& plugin, std::string_view verb, const std::optional<cni::Json>& previous);
  std::optional<cni::Json> cached_result();
  void del_every_plugin(const std::optional<cni::Json>& previous);
  [[noreturn]] void undo_failed_add(const cni::Error& why);

  const Conflist& network_;
  const Attachment& attachment_;
  const std::vector<std::string>& path_;
  const Cache& cache_;
};

// Any exception as an error of the protocol: itself when it is one, else code 999.
cni::Error as_error(const std::exception& error);

// An error in one line: message, details, and the code when it says something.
std::string describe(const cni::Error& error);

}  // namespace cli
