// SPDX-License-Identifier: Apache-2.0
// The results of ADD, kept for CHECK and DEL in libcni's files. A runtime or cnitool can detach what we attached, and
// the other way round.
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
  cni::Json result;    // of the last plugin
};

// An entry with the attachment that it names.
struct CachedAttachment {
  net::Owner owner;
  CacheEntry entry;
};

std::string print_cache_entry(const net::Owner& owner, const CacheEntry& entry);

// nullopt if the entry belongs to another attachment: file names are not unique. Throws cni::Error code 6 if the text
// has none of libcni's formats; a bare result, the format before 0.8, is one of them.
std::optional<CacheEntry> parse_cache_entry(const net::Owner& owner, const std::string& text);

// The entry of any attachment. Throws cni::Error code 6 as above, and for the format before 0.8, which names no
// attachment; code 7 for invalid names.
CachedAttachment parse_cached_attachment(const std::string& text);

class Cache {
 public:
  // directory: libcni's CacheDir, /var/lib/cni.
  explicit Cache(std::string directory) : directory_(std::move(directory)) {}

  // Throws cni::Error code 4 if the name of the owner's file is too long for store().
  static void require_name(const net::Owner& owner);

  [[nodiscard]] std::string file(const net::Owner& owner) const;

  // Creates the folders (mode 0700) and replaces the file (0600). Throws std::system_error.
  void store(const net::Owner& owner, const CacheEntry& entry) const;

  [[nodiscard]] std::optional<CacheEntry> load(const net::Owner& owner) const;

  // The names of all files in the folder, sorted; none if the folder does not exist. Throws std::system_error.
  [[nodiscard]] std::vector<std::string> names() const;

  // The entry in the file of that name; nullopt if the file is gone or not a regular file. Throws cni::Error if
  // parse_cached_attachment() rejects it, or if it belongs in another file; std::system_error if it cannot be read or
  // is too large.
  [[nodiscard]] std::optional<CachedAttachment> load_named(const std::string& name) const;

  // All entries that can be read: of one network, or of all if it is "".
  [[nodiscard]] std::vector<CachedAttachment> load_readable(const std::string& network) const;

  // Does nothing if there is no entry.
  void remove(const net::Owner& owner) const;

 private:
  std::string directory_;
};

// Their container ids, as `--id` accepts them, with their pods: "0123456789ab (default/web), footbridge-red".
std::string list_ids(const std::vector<CachedAttachment>& attachments);

}  // namespace cli
