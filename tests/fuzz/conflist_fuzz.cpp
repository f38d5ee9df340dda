// SPDX-License-Identifier: Apache-2.0
// The inputs of the operator's command: conflists, single configurations, and entries of libcni's cache; the first byte
// selects one. Parsing throws cni::Error, or succeeds, and the written form parses to the same value.
#include "cli/cni/cache.h"
#include "cli/cni/chain.h"
#include "cli/cni/conflist.h"
#include "cli/reload/restoration.h"
#include "footbridge_plugins.h"
#include "tests/fuzz/input.h"

namespace {

void read_network(const cli::Conflist& network) {
  fuzz::require(!network.plugins.empty(), "a network has plugins");
  cli::Attachment attachment;
  for (const cli::PluginConfig& plugin : network.plugins) {
    plugin.declares("portMappings");
    cni::parse_json(cli::plugin_input(network, plugin, attachment, std::nullopt));
  }
}

void read_cached(const std::string& text) {
  const cli::CachedAttachment cached = cli::parse_cached_attachment(text);
  const auto again = cli::parse_cache_entry(cached.owner, cli::print_cache_entry(cached.owner, cached.entry));
  fuzz::require(again && again->config == cached.entry.config, "a written entry is parsed back");
  const std::array plugins{&bridge::plugin(), &portmap::plugin(), &firewall::plugin()};
  for (const cli::Restoration& one : cli::parse_restorations(cached, plugins, {})) one.request.previous_result();
}

void read(std::size_t kind, const std::string& text) {
  switch (kind) {
    case 0: read_network(cli::parse_conflist(text, "fuzz")); break;
    case 1: read_network(cli::parse_single_conf(text, "fuzz")); break;
    case 2: cli::parse_cache_entry({"n", "c1", "eth0"}, text); break;
    default: read_cached(text); break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kKinds = 4;
  fuzz::Input input(data, size);
  const std::size_t kind = input.choice(kKinds);
  try {
    read(kind, input.rest_as_text());
  } catch (const cni::Error& error) {
    fuzz::require(!error.msg().empty(), "an error has a message");
  }
  return 0;
}
