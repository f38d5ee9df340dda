// SPDX-License-Identifier: Apache-2.0
// Network namespaces: open, enter, compare (network_namespaces(7), setns(2)).
#pragma once

#include <optional>
#include <string>
#include <system_error>

#include "lib/os/fd.h"

namespace netns {

class Netns {
 public:
  // Opens a file that names a network namespace: /run/netns/NAME, /proc/PID/ns/net. nullopt if there is no such file.
  // Throws std::system_error if it cannot be checked (the reference's text, `failed to Statfs "<path>": ...`), and
  // NotNetns for a file of another kind.
  static std::optional<Netns> open(const std::string& path);

  // The namespace of the calling thread.
  static Netns current();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

  // Is it the same namespace (device and inode number), whatever the paths?
  [[nodiscard]] bool is_same(const Netns& other) const;

 private:
  Netns(os::Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  os::Fd fd_;
  std::string path_;
};

// A network namespace that must exist does not: ENOENT "<what>: No such file or directory; create it with ...".
class Missing : public std::system_error {
 public:
  Missing(const std::string& what, const std::string& path);
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// What an operator can do about a missing namespace: `create it with "ip netns add NAME", or give /proc/PID/ns/net`.
std::string remedy(const std::string& path);

// The path is another kind of file, such as a stale file without its mount. DEL treats such a namespace as gone.
class NotNetns : public std::exception {
 public:
  NotNetns(const std::string& path, long magic);
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// Moves the calling thread into `target` while this object lives. Sockets that it opens belong to `target` for ever.
class Entered {
 public:
  explicit Entered(const Netns& target);  // throws std::system_error
  // The same if the thread's own namespace is already open. `home` must outlive this object.
  Entered(const Netns& target, const Netns& home);
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  Entered(Entered&&) = delete;
  Entered& operator=(Entered&&) = delete;
  // A thread that cannot return to its namespace ends the process.
  ~Entered();

 private:
  static void enter(const Netns& target);
  std::optional<Netns> opened_;
  const Netns& home_;
};

}  // namespace netns
