// SPDX-License-Identifier: Apache-2.0
#include "lib/log/setting.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace logging {
namespace {

constexpr std::array<std::string_view, 6> kLevels{"trace", "debug", "info", "warn", "error", "off"};

std::string quote(std::string_view value) {
  return "\"" + std::string(value.substr(0, 60)) + (value.size() > 60 ? "...\"" : "\"");
}

}  // namespace

std::string_view text(Level level) { return kLevels.at(static_cast<std::size_t>(level)); }

void Setting::add_level(std::string_view source, std::string_view word) {
  if (level || word.empty()) return;
  const auto* const found = std::find(kLevels.begin(), kLevels.end(), word == "warning" ? "warn" : word);
  if (found != kLevels.end()) level = static_cast<Level>(found - kLevels.begin());
  if (level) return;
  warnings.push_back(std::string(source) + ": unknown log level " + quote(word) +
                     "; allowed: trace, debug, info, warn, error, off");
}

void Setting::add_file(std::string_view source, std::string_view path) {
  if (!file.empty() || path.empty()) return;
  if (path.starts_with('/') && path.find('\0') == std::string_view::npos) file = path;
  if (!file.empty()) return;
  warnings.push_back(std::string(source) + ": " + quote(path) + " is not allowed; allowed: an absolute path");
}

Setting parse_setting(std::string_view footbridge_log) {
  const std::size_t colon = std::min(footbridge_log.find(':'), footbridge_log.size());
  Setting setting;
  setting.add_level("FOOTBRIDGE_LOG", footbridge_log.substr(0, colon));
  setting.add_file("FOOTBRIDGE_LOG", footbridge_log.substr(std::min(colon + 1, footbridge_log.size())));
  return setting;
}

int write_line(int fd, std::string line) {
  line += '\n';
  auto* const previous = ::signal(SIGXFSZ, SIG_IGN);  // a write past RLIMIT_FSIZE must not end the process
  ssize_t count = 0;
  do count = ::write(fd, line.data(), line.size());
  while (count < 0 && errno == EINTR);
  const int failure = count < 0 ? errno : count < static_cast<ssize_t>(line.size()) ? ENOSPC : 0;
  // Ends the line on a full disk: another process writes the next one.
  if (failure != 0 && count > 0) static_cast<void>(::write(fd, "\n", 1) < 0);
  ::signal(SIGXFSZ, previous);
  return failure;
}

void append_line(const std::string& path, const std::string& line) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const int fd = ::open(path.c_str(), kFlags, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  struct stat status {};
  const bool is_regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const int failure = !is_regular ? EINVAL : line.empty() ? 0 : write_line(fd, line);
  ::close(fd);
  const std::string what = path + (is_regular ? "" : " is not a regular file");
  if (failure != 0) throw std::system_error(failure, std::generic_category(), what);
}

}  // namespace logging
