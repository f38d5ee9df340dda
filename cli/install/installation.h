// SPDX-License-Identifier: Apache-2.0
// Files and links that take their places in a folder while others use it: a folder of plugins or of network
// configurations.
//
// Each one is written beside its place, to the disk, and takes its place by rename(2): every reader finds the old or the
// new one, complete. Two installers in one folder wait for each other. If an installer is killed, the next one removes
// its temporary file, ".footbridge-install".
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/os/fd.h"

namespace cli {

struct Item {
  std::string name;
  std::string content;  // of a link: the path that it leads to
  mode_t mode = 0;      // of a file, independent of the umask; 0: a link
};

// What place() is going to do.
struct Placement {
  std::string folder;
  os::Fd directory;
  std::vector<Item> items;
};

// Opens the folder and checks the items' names; writes nothing. Only trusted users may be able to modify the folder
// (os/trusted_directory.h). Throws std::system_error if the folder cannot be opened or is not trusted, and
// std::runtime_error if something else than a file or a link has one of the names.
Placement prepare(std::string folder, std::vector<Item> items);

// Places the items in their order; skips those that exist already with the same content, mode and owner (us). Returns
// the names of the placed ones, when they are on the disk.
//
// Throws std::system_error if the folder cannot be locked within a minute. If an item fails, throws std::runtime_error
// with the reason and the names that were replaced and that were not; the remedy is to call it again.
std::vector<std::string> place(Placement placement);

}  // namespace cli
