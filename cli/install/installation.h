// SPDX-License-Identifier: Apache-2.0
// Replaces files and links in a folder of plugins or of network configurations while others use it.
//
// Each file is written to the disk under a temporary name and takes its place by rename(2). A reader finds the old or
// the new file, complete. Two installers in one folder wait for each other. If an installer is killed, the next one
// deletes its temporary file, ".footbridge-install".
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/os/fd.h"

namespace cli {

struct Item {
  std::string name;
  std::string content;  // of a link: its target
  mode_t mode = 0;      // of a file, independent of the umask; 0: a link
};

// The input of place().
struct Placement {
  std::string folder;
  os::Fd directory;
  std::vector<Item> items;
};

// Opens the folder and checks the items' names; writes nothing. Only trusted users may be able to modify the folder
// (os/trusted_directory.h). Throws std::system_error if the folder cannot be opened or is not trusted, and
// std::runtime_error if one of the names exists and is neither a file nor a link.
Placement prepare(std::string folder, std::vector<Item> items);

// Places the items in their order; skips those that exist already with the same content, mode and owner (us). Returns
// the names of the placed ones, when they are on the disk.
//
// Throws std::system_error if the folder cannot be locked within a minute. If an item fails, throws std::runtime_error
// with the reason and the names that were replaced and that were not; calling it again completes it.
std::vector<std::string> place(Placement placement);

}  // namespace cli
