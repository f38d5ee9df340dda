// Files and links that take their places in a folder together, while others use what is there: a plugin folder, a folder of
// network configurations.
//
// Each is written beside its place first, to the disk, and then exchanged with what is there by one rename(2): whoever looks
// sees the old or the new one, whole. When one cannot take its place, those that have it already are taken back (but on file
// systems without RENAME_EXCHANGE, as NFS, where what was there is gone). Two installers in one folder wait for each other.
// What one that was killed has left, files whose names begin with ".footbridge-install-", the next one removes.
//
// The folder must be one that nobody else can change (os/trusted_directory.h). Failures are std::system_error that names the path.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/os/fd.h"

namespace cli {

class Installation {
 public:
  // Waits for another installer, a minute at the most.
  explicit Installation(std::string folder);
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;
  Installation(Installation&&) = delete;
  Installation& operator=(Installation&&) = delete;
  ~Installation();  // takes back what has its place and was not kept

  // Nothing is to be done when it is there already: the same content, mode and owner (us). mode: whatever the umask is. Throws
  // also EISDIR, EEXIST for what is neither a file nor a link and is not replaced.
  void stage_file(const std::string& name, const std::string& content, mode_t mode);
  void stage_link(const std::string& name, const std::string& target);

  // In the order in which they were staged.
  void place();

  // It stays, and is on the disk; what it has replaced is removed.
  void keep();

  // What was staged and was not there already.
  [[nodiscard]] std::vector<std::string> changed() const;

 private:
  enum class State { staged, is_new, exchanged, replaced };
  struct Entry {
    std::string name;
    std::string temporary;  // from exchanged on: what was there before
    State state = State::staged;
  };

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void lock() const;
  void remove_leftovers() const;
  [[nodiscard]] bool has_file(const std::string& name, const std::string& content, mode_t mode) const;
  [[nodiscard]] bool has_link(const std::string& name, const std::string& target) const;
  [[nodiscard]] bool is_taken(const std::string& name) const;
  const std::string& begin(const std::string& name);
  void place(Entry& entry) const;
  void take_back() noexcept;
  void remove_temporaries() const noexcept;

  std::string folder_;
  os::Fd directory_;
  std::vector<Entry> entries_;
  bool is_kept_ = false;
};

}  // namespace cli
