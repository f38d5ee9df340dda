// SPDX-License-Identifier: Apache-2.0
// What ADD answered, kept for CHECK and DEL in libcni's own files, so that an attachment made by us can be taken down by
// a runtime or cnitool, and the other way round.
//
// Files: <directory>/results/<network>-<containerID>-<ifname>, JSON of kind "cniCacheV1" (libcni/api.go, cachedInfo).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/cni/attachment.h"
#include "lib/net/owner.h"

namespace cli {

struct CacheEntry {
  Attachment attachment;
  std::string config;  // the conflist's text; "" in entries of libcni before 0.8
  cni::Json result;    // as the last plugin answered
};

// An entry that says itself whose it is.
struct CachedAttachment {
  net::Owner owner;
  CacheEntry entry;
};

std::string print_cache_entry(const net::Owner& owner, const CacheEntry& entry);

// nullopt when the entry is another attachment's (the file names are not unique). Throws cni::Error code 6 when the text
// is none of libcni's formats; a bare result, the format before 0.8, is one.
std::optional<CacheEntry> parse_cache_entry(const net::Owner& owner, const std::string& text);

// Whoever's entry it is. Throws cni::Error code 6 as above, and for the format before 0.8, which does not say whose it is;
// code 7 for names that no attachment can have.
CachedAttachment parse_cached_attachment(const std::string& text);

class Cache {
 public:
  // directory: libcni's CacheDir, /var/lib/cni.
  explicit Cache(std::string directory) : directory_(std::move(directory)) {}

  // Throws cni::Error code 4 when the name of the owner's file is longer than store() could write.
  static void require_name(const net::Owner& owner);

  [[nodiscard]] std::string file(const net::Owner& owner) const;

  // Creates the folders (mode 0700) and replaces the file (0600). Throws std::system_error.
  void store(const net::Owner& owner, const CacheEntry& entry) const;

  [[nodiscard]] std::optional<CacheEntry> load(const net::Owner& owner) const;

  // The names of all files in the folder, sorted; none when there is no folder. Throws std::system_error.
  [[nodiscard]] std::vector<std::string> names() const;

  // The entry in the file of that name; nullopt when it is there no more, or is no regular file. Throws cni::Error for one
  // that parse_cached_attachment() refuses, and for one under a name that is not its own; std::system_error when it cannot
  // be read or is larger than any entry.
  [[nodiscard]] std::optional<CachedAttachment> load_named(const std::string& name) const;

  // Nothing happens when there is no entry.
  void remove(const net::Owner& owner) const;

 private:
  std::string directory_;
};

}  // namespace cli
