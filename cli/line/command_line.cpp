// SPDX-License-Identifier: Apache-2.0
#include "cli/line/command_line.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iterator>
#include <stdexcept>

#include "cli/cni/chain.h"
#include "cli/commands.h"
#include "cli/line/grammar.h"

namespace cli {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// Those of `add`, and of others what they need of it.
std::vector<Option> attachment_options(AttachOptions& options) {
  return {{"--conf", "DIR", "folder of .conflist, .conf and .json files", &options.conf_folder},
          {"--plugins", "DIR", "folder of plugins; else CNI_PATH, else our own", &options.plugins},
          {"--cache", "DIR", "folder of libcni's cache", &options.cache_folder},
          {"--id", "TEXT", "container id; else footbridge-NETNS", &options.container_id},
          {"--ifname", "TEXT", "the interface's name inside", &options.ifname},
          {"--args", "TEXT", "CNI_ARGS: KEY=VALUE;KEY=VALUE", &options.args},
          {"--port", "TEXT", "publish [HOST-IP:]HOST-PORT:PORT[/tcp|udp|sctp]", &options.ports},
          {"--ip", "ADDRESS", "ask for this address", &options.ips},
          {"--mac", "ADDRESS", "ask for this MAC address", &options.mac}};
}

Command attachment_command(AttachOptions& options, const std::string& name, const std::string& help) {
  return {name,
          help,
          {{"network", "the network's name", &options.network},
           {"netns", "a name below /run/netns, or a path", &options.netns}},
          attachment_options(options)};
}

Command ipam_command(std::string& network, IpamOptions& options) {
  const Positional name{"network", "the network's name", &network};
  const Option folder{"--dir", "DIR", "host-local's dataDir; else /var/lib/cni/networks", &options.data_dir};
  return {"ipam",
          "host-local's addresses of a network",
          {},
          {},
          {{"ls",
            "who has which address, and whether it is in use",
            {name},
            {{"--json", "", "for programs", &options.as_json}, folder}},
           {"gc",
            "free the addresses that certainly nobody has",
            {name},
            {{"--dry-run", "", "tell, and leave them", &options.is_dry_run}, folder}}}};
}

Command install_command(InstallOptions& options) {
  return {"install",
          "copy this executable and its plugin links to where a runtime looks, and a node's configuration",
          {},
          {{"--dest", "DIR", "folder of plugins", &options.dest},
           {"--only", "PLUGIN", "the link of this plugin, and no other", &options.only},
           {"--link", "NAME=PLUGIN", "a further link, whose NAME ends in -PLUGIN", &options.links},
           {"--config", "TEMPLATE", "a configuration with ${KEY} in its strings", &options.config},
           {"--config-dest", "DIR", "folder of configurations", &options.config_dest},
           {"--set", "KEY=VALUE", "what ${KEY} is on this node", &options.settings},
           {"--set-file", "KEY=FILE", "the same, read from a file", &options.setting_files}}};
}

// The options of all commands.
struct AllOptions {
  AttachOptions attach;
  IpamOptions ipam;
  InstallOptions install;
  bool as_json = false;
};

Command grammar(AllOptions& all) {
  AttachOptions& options = all.attach;
  Command add = attachment_command(options, "add", "attach a network namespace to a network");
  const Option force{"--force", "", "attach although STATUS fails", &options.force};
  add.options.push_back(force);
  add.options.push_back({"--quiet", "", "do not print the result", &options.quiet, 'q'});
  Command exec = attachment_command(
      options, "exec", "attach a new namespace and run a command in it: exec NETWORK [OPTIONS] -- COMMAND...");
  exec.positionals.pop_back();
  exec.options.push_back(force);
  return {"footbridge",
          "Footbridge attaches network namespaces to networks with CNI plugins.",
          {},
          {},
          {add,
           attachment_command(options, "del", "take an attachment down"),
           attachment_command(options, "check", "compare an attachment with what ADD answered"),
           exec,
           {"show", "what is on this host now", {}, {{"--json", "", "for programs", &all.as_json}}},
           ipam_command(options.network, all.ipam),
           {"reload",
            "make lost nftables rules and elements of living attachments again",
            {{"network", "of this network only", &options.network, false}},
            {{"--cache", "DIR", "folder of libcni's cache", &options.cache_folder}}},
           install_command(all.install),
           {"pause", "do nothing until SIGTERM, to keep a pod alive"},
           {"version", "versions and plugins"}}};
}

// A failed command in one line: what it was, whom it was about, and why.
int report(const std::string& command, const AttachOptions& options, const std::string& why) {
  std::string about = command;
  if (!options.network.empty()) about += " " + options.network;
  if (!options.netns.empty()) about += " " + options.netns;
  std::fprintf(stderr, "footbridge: %s: %s\n", about.c_str(), why.c_str());
  return kFailed;
}

using Call = std::function<int()>;

int call(const std::string& name, const AttachOptions& options, const Call& command) {
  try {
    return command();
  } catch (const cni::Error& error) {
    return report(name, options, describe(error));
  } catch (const std::invalid_argument& error) {
    report(name, options, error.what());
    return kUsage;
  } catch (const std::exception& error) {
    return report(name, options, error.what());
  }
}

int wrong_usage(const std::exception& error) {
  std::fprintf(stderr, "footbridge: %s; --help tells more\n", error.what());
  return kUsage;
}

// Everything behind the first "--" is the command, whatever it looks like.
std::vector<std::string> split_command(std::span<char*>& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), std::string_view("--"));
  if (dashes == arguments.end()) return {};
  std::vector<std::string> command(std::next(dashes), arguments.end());
  arguments = arguments.first(static_cast<std::size_t>(dashes - arguments.begin()));
  return command;
}

// command: of exec.
int start(const std::string& name, const AllOptions& all, const std::vector<std::string>& command,
          std::span<const cni::Plugin* const> plugins) {
  if (name == "add") return add(all.attach);
  if (name == "del") return del(all.attach);
  if (name == "check") return check(all.attach);
  if (name == "exec") return exec(all.attach, command);
  if (name == "ipam ls") return ipam_ls(all.attach.network, all.ipam);
  if (name == "ipam gc") return ipam_gc(all.attach.network, all.ipam);
  if (name == "reload") return reload(all.attach, plugins);
  if (name == "install") return install(all.install, plugins);
  if (name == "pause") return pause();
  return name == "show" ? show(all.as_json) : version(plugins);
}

}  // namespace

int run(std::span<char*> arguments, std::span<const cni::Plugin* const> plugins) {
  const std::vector<std::string> command = split_command(arguments);
  AllOptions all;
  CommandLine line;
  try {
    line = parse(grammar(all), arguments.subspan(arguments.empty() ? 0 : 1));
    if (!line.help.empty()) return std::fputs(line.help.c_str(), stdout) < 0 ? kFailed : 0;
    if ((line.name == "exec") == command.empty()) throw WrongUsage("exec, and nothing else, takes -- COMMAND...");
  } catch (const WrongUsage& error) {
    return wrong_usage(error);
  }
  return call(line.name, all.attach, [&] { return start(line.name, all, command, plugins); });
}

}  // namespace cli
