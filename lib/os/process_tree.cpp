// SPDX-License-Identifier: Apache-2.0
#include "lib/os/process_tree.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "lib/os/file.h"

namespace os {
namespace {

constexpr std::size_t kMostProcesses = 4096;

void add_numbers(const std::string& text, std::vector<pid_t>& to) {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    pid_t pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error == std::errc() && pid > 1) to.push_back(pid);
    at = next > at ? next : at + 1;
  }
}

// Each thread has its own children: any thread of a Go program may start a process.
void add_children(pid_t parent, std::vector<pid_t>& to) noexcept {
  try {
    const Fd threads = open_file("/proc/" + std::to_string(parent) + "/task", O_RDONLY | O_DIRECTORY);
    for_each_entry(threads.get(), [&](const std::string& thread) {
      constexpr std::size_t kMostText = 1U << 20U;
      add_numbers(read_file_at(threads.get(), thread + "/children", kMostText).value_or(""), to);
    });
    // NOLINTNEXTLINE(bugprone-empty-catch): the process has ended, or the kernel has no such file
  } catch (const std::exception&) {
  }
}

}  // namespace

bool has_own_proc() noexcept {
  std::array<char, 16> text{};
  pid_t self = 0;
  const ssize_t size = ::readlink("/proc/self", text.data(), text.size());
  if (size > 0) std::from_chars(text.data(), text.data() + size, self);
  return self == ::getpid();
}

// Processes are stopped while their children are listed: they can neither fork nor exit.
void kill_tree(pid_t root) noexcept {
  ::kill(root, SIGSTOP);
  try {
    std::vector<pid_t> tree;
    if (has_own_proc()) add_children(root, tree);
    for (std::size_t i = 0; i < tree.size() && tree.size() < kMostProcesses; ++i) {
      ::kill(tree[i], SIGSTOP);
      add_children(tree[i], tree);
    }
    for (const pid_t pid : tree) ::kill(pid, SIGKILL);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): no memory for the list: kill only the root
  }
  ::kill(root, SIGKILL);
}

}  // namespace os
