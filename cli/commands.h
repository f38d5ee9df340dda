// SPDX-License-Identifier: Apache-2.0
// The operator's commands, one file each. They return the exit code: 0, 1 for an error that they have told on stderr, or
// what the command of `exec` ended with. What they throw is told by run(). plugins: those that this executable is.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cni/serve.h"

namespace cli {

// What add, del, check and exec are told; "" and empty lists: not told.
struct AttachOptions {
  std::string network;
  std::string netns;                 // a name or a path
  std::string conf_folder;           // --conf
  std::vector<std::string> plugins;  // --plugins, folders
  std::string cache_folder;          // --cache
  std::string container_id;          // --id
  std::string ifname = "eth0";
  std::string args;                // --args, CNI_ARGS
  std::vector<std::string> ports;  // --port
  std::vector<std::string> ips;    // --ip
  std::string mac;
  bool quiet = false;  // the result of ADD is not printed
  bool force = false;  // add and exec attach although STATUS answers 50 or 51
};

int add(const AttachOptions& options);
int check(const AttachOptions& options);
int del(const AttachOptions& options);

// command: not empty; the program is searched in PATH.
int exec(AttachOptions options, const std::vector<std::string>& command);

int show(bool as_json);

// What `ipam` is told.
struct IpamOptions {
  std::string data_dir;     // --dir, host-local's dataDir; "": the customary one
  bool as_json = false;     // ls
  bool is_dry_run = false;  // gc: tell and leave
};

int ipam_ls(const std::string& network, const IpamOptions& options);

// Gives back what certainly nobody has; 1 when some of it could not be.
int ipam_gc(const std::string& network, const IpamOptions& options);

// Of the options: network ("" is every one) and the cache's folder. Each failure is told in a line of its own; 1 when there
// was any.
int reload(const AttachOptions& options, std::span<const cni::Plugin* const> plugins);

// What `install` is told; "": not told.
struct InstallOptions {
  std::string dest;                // the folder for the executable and its links
  std::vector<std::string> only;   // of these plugins; none: all
  std::vector<std::string> links;  // NAME=PLUGIN
  std::string config;              // a template (configuration_template.h); the file's name is the result's, too
  std::string config_dest = "/etc/cni/net.d";
  std::vector<std::string> settings;       // KEY=VALUE
  std::vector<std::string> setting_files;  // KEY=FILE
};

// Checks the input, both folders and the names in them before the first file is written. Then each folder file by file:
// an error names the files of that folder that were replaced and those that were not; programs that are in place by then
// have been printed. plugins: those of this executable.
int install(const InstallOptions& options, std::span<const cni::Plugin* const> plugins);

// Does nothing until SIGTERM or SIGINT.
int pause();

int version(std::span<const cni::Plugin* const> plugins);

}  // namespace cli
