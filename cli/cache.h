// What ADD answered, kept for CHECK and DEL in libcni's own files, so that an attachment made by us can be taken down by
// a runtime or cnitool, and the other way round.
//
// Files: <directory>/results/<network>-<containerID>-<ifname>, JSON of kind "cniCacheV1" (libcni/api.go, cachedInfo).
#pragma once

#include <optional>
#include <string>

#include "cli/attachment.h"
#include "lib/net/owner.h"

namespace cli {

struct CacheEntry {
  Attachment attachment;
  std::string config;  // the conflist's text; "" in entries of libcni before 0.8
  cni::Json result;    // as the last plugin answered
};

std::string print_cache_entry(const net::Owner& owner, const CacheEntry& entry);

// nullopt when the entry is another attachment's (the file names are not unique). Throws cni::Error code 6 when the text
// is none of libcni's formats; a bare result, the format before 0.8, is one.
std::optional<CacheEntry> parse_cache_entry(const net::Owner& owner, const std::string& text);

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

  // Nothing happens when there is no entry.
  void remove(const net::Owner& owner) const;

 private:
  std::string directory_;
};

}  // namespace cli
