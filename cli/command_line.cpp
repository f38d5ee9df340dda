#include "cli/command_line.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iterator>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "cli/chain.h"
#include "cli/commands.h"

namespace cli {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// One value per occurrence: `--port 8080:80 net red` must not swallow the network.
template <class Values>
void add_repeatable(CLI::App& command, const std::string& names, Values& values, const std::string& help) {
  command.add_option(names, values, help)->allow_extra_args(false)->take_all();
}

void add_cache(CLI::App& command, AttachOptions& options) {
  command.add_option("--cache", options.cache_folder, "folder of libcni's cache")->type_name("DIR");
}

void add_places(CLI::App& command, AttachOptions& options) {
  command.add_option("--conf", options.conf_folder, "folder of .conflist, .conf and .json files")->type_name("DIR");
  add_repeatable(command, "--plugins", options.plugins, "folder of plugins, repeatable; else CNI_PATH, else our own");
  add_cache(command, options);
}

void add_attachment(CLI::App& command, AttachOptions& options) {
  command.add_option("--id", options.container_id, "container id; default: footbridge-NETNS");
  command.add_option("--ifname", options.ifname, "the interface's name inside")->capture_default_str();
  command.add_option("--args", options.args, "CNI_ARGS: KEY=VALUE;KEY=VALUE");
  add_repeatable(command, "--port", options.ports, "publish [HOST-IP:]HOST-PORT:PORT[/tcp|udp|sctp], repeatable");
  add_repeatable(command, "--ip", options.ips, "ask for this address, repeatable");
  command.add_option("--mac", options.mac, "ask for this MAC address");
}

CLI::App& add_command(CLI::App& top, AttachOptions& options, const std::string& name, const std::string& help) {
  CLI::App& command = *top.add_subcommand(name, help);
  command.add_option("network", options.network, "the network's name")->required();
  add_places(command, options);
  add_attachment(command, options);
  return command;
}

void add_netns(CLI::App& command, AttachOptions& options) {
  command.add_option("netns", options.netns, "a name below /run/netns, or a path")->required();
}

void add_ipam(CLI::App& top, std::string& network, IpamOptions& options) {
  CLI::App& ipam = *top.add_subcommand("ipam", "host-local's addresses of a network");
  ipam.require_subcommand(1);
  CLI::App& ls = *ipam.add_subcommand("ls", "who has which address, and whether it is in use");
  ls.add_flag("--json", options.as_json, "for programs");
  CLI::App& gc = *ipam.add_subcommand("gc", "free the addresses that certainly nobody has");
  gc.add_flag("--dry-run", options.is_dry_run, "tell, and leave them");
  for (CLI::App* command : {&ls, &gc}) {
    command->add_option("network", network, "the network's name")->required();
    command->add_option("--dir", options.data_dir, "host-local's dataDir; default: /var/lib/cni/networks")
        ->type_name("DIR");
  }
}

void add_reload(CLI::App& top, AttachOptions& options) {
  CLI::App& reload = *top.add_subcommand("reload", "make lost nftables rules and elements of living attachments again");
  reload.add_option("network", options.network, "of this network only");
  add_cache(reload, options);
}

// The commands as they were typed: "add", "ipam gc".
std::string name_of(const CLI::App& top) {
  const CLI::App* command = top.get_subcommands().front();
  std::string name = command->get_name();
  for (const CLI::App* inner : command->get_subcommands()) name += " " + inner->get_name();
  return name;
}

// A failed command in one line: what it was, whom it was about, and why.
int tell(const std::string& command, const AttachOptions& options, const std::string& why) {
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
    return tell(name, options, describe(error));
  } catch (const std::invalid_argument& error) {
    tell(name, options, error.what());
    return kUsage;
  } catch (const std::exception& error) {
    return tell(name, options, error.what());
  }
}

int wrong_usage(const CLI::App& top, const CLI::ParseError& error) {
  const bool is_answer = error.get_exit_code() == 0;  // --help
  const int code = top.exit(error);
  return is_answer ? code : kUsage;
}

// Everything behind the first "--" is the command, whatever it looks like.
std::vector<std::string> split_command(std::span<char*>& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), std::string_view("--"));
  if (dashes == arguments.end()) return {};
  std::vector<std::string> command(std::next(dashes), arguments.end());
  arguments = arguments.first(static_cast<std::size_t>(dashes - arguments.begin()));
  return command;
}

}  // namespace

int run(std::span<char*> arguments, std::span<const cni::Plugin* const> plugins) {
  CLI::App top("Footbridge attaches network namespaces to networks with CNI plugins.", "footbridge");
  top.require_subcommand(1);
  const std::vector<std::string> command = split_command(arguments);
  AttachOptions options;
  bool as_json = false;

  CLI::App& add_app = add_command(top, options, "add", "attach a network namespace to a network");
  add_netns(add_app, options);
  add_app.add_flag("--quiet,-q", options.quiet, "do not print the result");
  add_netns(add_command(top, options, "del", "take an attachment down"), options);
  add_netns(add_command(top, options, "check", "compare an attachment with what ADD answered"), options);
  add_command(top, options, "exec",
              "attach a new namespace and run a command in it: exec NETWORK [OPTIONS] -- COMMAND...");
  top.add_subcommand("show", "what is on this host now")->add_flag("--json", as_json, "for programs");
  IpamOptions ipam;
  add_ipam(top, options.network, ipam);
  add_reload(top, options);
  top.add_subcommand("version", "versions and plugins");

  try {
    top.parse(static_cast<int>(arguments.size()), arguments.data());
    const bool is_exec = top.got_subcommand("exec");
    if (is_exec == command.empty()) throw CLI::ParseError("exec, and nothing else, takes -- COMMAND...", kUsage);
  } catch (const CLI::ParseError& error) {
    return wrong_usage(top, error);
  }
  const std::string name = name_of(top);
  return call(name, options, [&] {
    if (name == "add") return add(options);
    if (name == "del") return del(options);
    if (name == "check") return check(options);
    if (name == "exec") return exec(options, command);
    if (name == "ipam ls") return ipam_ls(options.network, ipam);
    if (name == "ipam gc") return ipam_gc(options.network, ipam);
    if (name == "reload") return reload(options, plugins);
    return name == "show" ? show(as_json) : version(plugins);
  });
}

}  // namespace cli
