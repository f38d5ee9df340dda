// SPDX-License-Identifier: Apache-2.0
// The operator's commands, one file each. They return the exit code: 0, 1 after an error that they printed on stderr,
// or that of the command of `exec`. run() prints what they throw. plugins: those of this executable.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cni/serve.h"

namespace cli {

// The options of add, del, check and exec; "" and empty lists: not given.
struct AttachOptions {
  std::string network;
  std::string netns;                 // a name or a path
  std::string conf;                  // --conf, a folder or a file
  std::vector<std::string> plugins;  // --plugins, folders
  std::string cache_folder;          // --cache
  std::string container_id;          // --id
  std::string ifname = "eth0";
  std::string args;                // --args, CNI_ARGS
  std::vector<std::string> ports;  // --port
  std::vector<std::string> ips;    // --ip
  std::string mac;
  bool quiet = false;  // the result of ADD is not printed
  bool force = false;  // add and exec attach although STATUS returns 50 or 51
};

int add(const AttachOptions& options);
int check(const AttachOptions& options);
int del(const AttachOptions& options);

// command: not empty; PATH is searched for the program.
int exec(AttachOptions options, const std::vector<std::string>& command);

int show(bool as_json);

// The options of `ipam`.
struct IpamOptions {
  std::string data_dir;     // --dir, host-local's dataDir; "": the default
  bool as_json = false;     // ls
  bool is_dry_run = false;  // gc: only list
};

int ipam_ls(const std::string& network, const IpamOptions& options);

// Releases the addresses that certainly have no owner; 1 if some could not be released.
int ipam_gc(const std::string& network, const IpamOptions& options);

// Reads network ("": all) and cache_folder of the options. Prints one line for each failure; 1 after any.
int reload(const AttachOptions& options, std::span<const cni::Plugin* const> plugins);

// The options of `install`; "": not given.
struct InstallOptions {
  std::string dest;                // the folder for the executable and its links
  std::vector<std::string> only;   // links of these plugins; none: all
  std::vector<std::string> links;  // NAME=PLUGIN
  std::string config;              // a template (configuration_template.h); the configuration gets its file name
  std::string config_dest = "/etc/cni/net.d";
  std::vector<std::string> settings;       // KEY=VALUE
  std::vector<std::string> setting_files;  // KEY=FILE
};

// Checks the input, both folders and the names in them before it writes the first file. Then it replaces file by file:
// an error names the files of that folder that were replaced and that were not. The programs are printed when they are
// placed.
int install(const InstallOptions& options, std::span<const cni::Plugin* const> plugins);

// Does nothing until SIGTERM or SIGINT.
int pause();

int version(std::span<const cni::Plugin* const> plugins);

}  // namespace cli
