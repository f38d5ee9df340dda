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
constexpr const char* kExecUsage = "footbridge exec NETWORK [OPTIONS] -- COMMAND [ARG...]";

// The options of add, del, check and exec.
std::vector<Option> attachment_options(AttachOptions& options) {
  return {{"--conf", "PATH", "folder of .conflist, .conf and .json files, or one file", &options.conf},
          {"--plugins", "DIR", "folder of plugins (CNI_PATH, else footbridge's folder)", &options.plugins},
          {"--cache", "DIR", "folder of libcni's cache", &options.cache_folder},
          {"--id", "ID", "container id; default: footbridge-NETNS", &options.container_id},
          {"--ifname", "NAME", "interface in the container", &options.ifname},
          {"--args", "TEXT", "CNI_ARGS: KEY=VALUE;KEY=VALUE", &options.args},
          {"--port", "PORT", "publish [HOST-IP:]HOST-PORT:PORT[/tcp|udp|sctp]", &options.ports},
          {"--ip", "ADDRESS", "request this address", &options.ips},
          {"--mac", "ADDRESS", "request this MAC address", &options.mac}};
}

Command attachment_command(AttachOptions& options, const std::string& name, const std::string& help) {
  return {name,
          help,
          {{"NETWORK", "the network's name", &options.network},
           {"NETNS", "a name in /run/netns, or a path", &options.netns}},
          attachment_options(options)};
}

Command ipam_command(std::string& network, IpamOptions& options) {
  const Positional name{"NETWORK", "the network's name", &network};
  const Option folder{"--dir", "DIR", "host-local's dataDir; default: /var/lib/cni/networks", &options.data_dir};
  return {"ipam",
          "list or release host-local's addresses of a network",
          {},
          {},
          {{"ls",
            "list addresses with their owners, and whether they are in use",
            {name},
            {{"--json", "", "print JSON", &options.as_json}, folder}},
           {"gc",
            "release the addresses that certainly have no owner",
            {name},
            {{"--dry-run", "", "only list them", &options.is_dry_run}, folder}}}};
}

Command install_command(InstallOptions& options) {
  return {"install",
          "install this executable, its plugin links and a node's network configuration",
          {},
          {{"--dest", "DIR", "folder of plugins", &options.dest},
           {"--only", "PLUGIN", "only the link of this plugin", &options.only},
           {"--link", "NAME=PLUGIN", "one more link; its NAME ends in -PLUGIN", &options.links},
           {"--config", "TEMPLATE", "network configuration with ${KEY} in its strings", &options.config},
           {"--config-dest", "DIR", "folder of network configurations", &options.config_dest},
           {"--set", "KEY=VALUE", "the value of ${KEY} on this node", &options.settings},
           {"--set-file", "KEY=FILE", "a file with the value of ${KEY}", &options.setting_files}}};
}

// Options of every command.
struct AllOptions {
  AttachOptions attach;
  IpamOptions ipam;
  InstallOptions install;
  bool as_json = false;
};

Command grammar(AllOptions& all) {
  AttachOptions& options = all.attach;
  Command add = attachment_command(options, "add", "attach a network namespace to a network");
  const Option force{"--force", "", "attach even if STATUS fails", &options.force};
  add.options.push_back(force);
  add.options.push_back({"--quiet", "", "do not print the result", &options.quiet, 'q'});
  Command exec = attachment_command(options, "exec", "run a command in a new attached namespace");
  exec.positionals.pop_back();
  exec.usage = kExecUsage;
  exec.options.push_back(force);
  return {"footbridge",
          "Footbridge attaches network namespaces to networks with CNI plugins.",
          {},
          {},
          {add,
           attachment_command(options, "del", "detach a network namespace from a network"),
           attachment_command(options, "check", "compare an attachment with the result of ADD"),
           exec,
           {"show", "show networks and attachments on this host", {}, {{"--json", "", "print JSON", &all.as_json}}},
           ipam_command(options.network, all.ipam),
           {"reload",
            "restore nftables rules and elements of living attachments",
            {{"NETWORK", "only of this network", &options.network, false}},
            {{"--cache", "DIR", "folder of libcni's cache", &options.cache_folder}}},
           install_command(all.install),
           {"pause", "do nothing until SIGTERM, to keep a pod alive"},
           {"version", "print version, plugins and protocol versions"},
           {"help", "print this, or the options of a command"}}};
}

// A failure in one line: command, network, namespace, reason.
int report(const std::string& command, const AttachOptions& options, const std::string& why) {
  std::string what = command;
  if (!options.network.empty()) what += " " + options.network;
  if (!options.netns.empty()) what += " " + options.netns;
  std::fprintf(stderr, "footbridge: %s: %s\n", what.c_str(), why.c_str());
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
  std::fprintf(stderr, "footbridge: %s; see footbridge --help\n", error.what());
  return kUsage;
}

// Everything after the first "--" is the command.
std::vector<std::string> split_command(std::span<char*>& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), std::string_view("--"));
  if (dashes == arguments.end()) return {};
  std::vector<std::string> command(std::next(dashes), arguments.end());
  arguments = arguments.first(static_cast<std::size_t>(dashes - arguments.begin()));
  return command;
}

// command: that of exec.
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
    if (line.name != "exec" && !command.empty()) throw WrongUsage("unexpected argument \"--\"");
    if (line.name == "exec" && command.empty())
      throw WrongUsage("the command is missing; usage: " + std::string(kExecUsage));
  } catch (const WrongUsage& error) {
    return wrong_usage(error);
  }
  return call(line.name, all.attach, [&] { return start(line.name, all, command, plugins); });
}

}  // namespace cli
