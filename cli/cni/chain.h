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

// stdin of one plugin: its configuration with name, cniVersion and prevResult, and the attachment's capabilities that
// the plugin declares.
std::string plugin_input(const Conflist& network, const PluginConfig& plugin, const Attachment& attachment,
                         const std::optional<cni::Json>& previous);

// A cached result in the configuration's version, which may have changed while the container was running.
cni::Json in_version(const cni::Json& result, cni::Version version);

// Throws cni::Error code 2 if no plugin of the network declares a requested capability. libcni ignores it silently, and
// the port is not published.
void require_declared(const Conflist& network, const Attachment& attachment);

class Chain {
 public:
  // path: the folders of the plugins, CNI_PATH. Keeps references.
  Chain(const Conflist& network, const Attachment& attachment, const std::vector<std::string>& path, const Cache& cache)
      : network_(network), attachment_(attachment), path_(path), cache_(cache) {}

  // STATUS of every plugin, before a first ADD that would fail or harm the host. Throws cni::Error if one returns 50 or
  // 51; ADD reports all other failures. Does nothing below version 1.1.0, which has no STATUS.
  void require_available();

  // ADD of every plugin. Stores the last one's result in the cache and returns it as it was printed. If one fails,
  // calls DEL of every plugin, also of those without ADD, as runtimes do. Throws cni::Error "plugin <type> failed
  // (ADD): ...".
  std::string add();

  // Throws cni::Error if there is no cached result, if the version is below 0.4.0, or if a plugin reports a difference.
  // Does nothing for a network with disableCheck.
  void check();

  // DEL of every plugin, the last one first. Unlike libcni it continues after a failure, and throws all failures
  // together. Without a failure it deletes the cached result. A failure of the cache is only a warning on stderr.
  void del();

 private:
  std::string call(const PluginConfig& plugin, std::string_view verb, const std::optional<cni::Json>& previous);
  std::optional<cni::Json> cached_result();
  // missing: the error of a plugin that ADD did not find, so that it has nothing to delete; "": ADD found all.
  void del_every_plugin(const std::optional<cni::Json>& previous, const std::string& missing = "");
  [[noreturn]] void revert_failed_add(const cni::Error& why, const std::string& missing);

  const Conflist& network_;
  const Attachment& attachment_;
  const std::vector<std::string>& path_;
  const Cache& cache_;
};

// Any exception as an error of the protocol: itself if it is one, else code 999.
cni::Error as_error(const std::exception& error);

// An error in one line: message, details, and the code if it is a specific one.
std::string describe(const cni::Error& error);

}  // namespace cli
