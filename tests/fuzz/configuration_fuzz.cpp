// SPDX-License-Identifier: Apache-2.0
// The configuration of each plugin and address plugin: the first byte selects the plugin, a line is CNI_ARGS, the rest
// is stdin.
// Parsing succeeds or throws cni::Error. What DEL reads is always accepted.
#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "footbridge_plugins.h"
#include "ipam/host-local/config.h"
#include "ipam/static/config.h"
#include "lib/attachment/chained/previous.h"
#include "plugins/bridge/config.h"
#include "plugins/firewall/config.h"
#include "plugins/portmap/config.h"
#include "plugins/portmap/wanted.h"
#include "plugins/ptp/config.h"
#include "plugins/tuning/plan.h"
#include "tests/fuzz/input.h"
#include "tests/lib/cni/call.h"

namespace {

void read_portmap(const cni::Request& request) {
  const portmap::Config config = portmap::parse_config(request);
  fuzz::require(config.mappings.size() <= portmap::kMostMappings, "there are at most as many mappings as ports");
  constexpr std::size_t kFew = 100;  // large lists have their own test
  if (config.mappings.size() > kFew) return;
  const portmap::Wanted wanted =
      wanted_elements(config, {{*net::Prefix::parse("10.1.0.2/24"), *net::Prefix::parse("fd00::2/64")}, "cni0"});
  for (const ruleset::Conditions& conditions : wanted.conditions) {
    fuzz::require(ruleset::Conditions::parse(conditions.map_name(), conditions.comment()) == conditions,
                  "conditions are parsed back from their map's comment");
  }
  for (const ruleset::Element& port : wanted.ports) ruleset::text(ruleset::AddElement{port});
}

void read_firewall(const cni::Request& request) {
  const firewall::Config config = firewall::parse_config(request);
  const auto previous = request.previous_result();
  if (!previous) return;
  firewall::families_of(attachment::addresses_of(*previous));
  firewall::bridge_of(config, *previous);
  firewall::port_of(config.owner, *previous);
}

void read_host_local(const cni::Request& request) {
  const host_local::Config config = host_local::parse_config(request);
  for (const ipam::RangeSet& set : config.sets) {
    fuzz::require(!set.segments().empty(), "each set has a segment left");
    for (const ipam::Segment& segment : set.segments()) {
      fuzz::require(segment.start <= segment.end, "a segment begins before it ends");
      fuzz::require(set.ranges().at(segment.range).contains(segment.start), "a segment is in its range");
      fuzz::require(!set.is_excluded(segment.end), "no excluded address is allocated");
    }
  }
}

void read_tuning(const cni::Request& request) {
  const tuning::Config config = tuning::parse_config(request);
  for (const tuning::Sysctl& one : config.sysctls) {
    fuzz::require(one.path.starts_with("net/"), "a sysctl's path is below net");
    fuzz::require(("/" + one.path + "/").find("/../") == std::string::npos, "a sysctl's path stays below net");
    fuzz::require(one.path.find('\0') == std::string::npos, "a sysctl's path contains no NUL");
  }
  for (const plan::Plan& one : tuning::plan_sysctls(config)) text(one);
  text(tuning::plan_interface(config));
  if (const auto previous = request.previous_result()) tuning::describe(*previous, config);
}

using Reader = std::function<void(const cni::Request&)>;

// Indexed by the first byte: the plugins in the order of the corpus (seeds.py), then all others with a configuration.
std::vector<Reader> readers() {
  const std::vector<std::pair<std::string_view, Reader>> first{
      {"bridge", bridge::parse_config}, {"ptp", ptp::parse_config},      {"portmap", read_portmap},
      {"firewall", read_firewall},      {"host-local", read_host_local}, {"static", static_::parse_config},
      {"tuning", read_tuning},
  };
  std::vector<Reader> all;
  for (const auto& [name, reader] : first) all.push_back(reader);
  for (const cni::Builtin& other : kPlugins) {
    const auto is_same = [&](const auto& one) { return one.first == other.name; };
    const Reader& reader = other.plugin().check_configuration;
    if (reader && std::none_of(first.begin(), first.end(), is_same)) all.push_back(reader);
  }
  return all;
}

// None of these may throw, except for what DEL needs: the store's path.
void read_for_del(std::size_t plugin, const cni::Request& request) {
  bridge::parse_name_leniently(request);
  firewall::parse_zone_leniently(request);
  tuning::parse_data_dir_leniently(request);
  if (plugin == 2) portmap::parse_leniently(request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Reader> read = readers();
  fuzz::Input input(data, size);
  const std::size_t plugin = input.choice(read.size());
  cni::Environment environment = environment_of("ADD");
  environment["CNI_ARGS"] = input.line();
  std::optional<cni::Request> request;
  try {
    request = request_of(input.rest_as_text(), environment);
    read[plugin](*request);
  } catch (const cni::Error& error) {
    fuzz::require(!error.msg().empty(), "an error has a message");
  }
  if (request) read_for_del(plugin, *request);
  return 0;
}
