#include "lib/log/sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <system_error>
#include <utility>

#include <spdlog/sinks/sink.h>

namespace logging {
namespace {

// Past the process's limit of file sizes (RLIMIT_FSIZE) a write is answered with this signal, and it would be our death.
class IgnoredSizeSignal {
 public:
  IgnoredSizeSignal() : before_(::signal(SIGXFSZ, SIG_IGN)) {}
  IgnoredSizeSignal(const IgnoredSizeSignal&) = delete;
  IgnoredSizeSignal& operator=(const IgnoredSizeSignal&) = delete;
  ~IgnoredSizeSignal() { ::signal(SIGXFSZ, before_); }

 private:
  void (*before_)(int);
};

// Derived from spdlog's interface and not from its base_sink, and without its logger: they would bring formatters along, and
// these the streams and locales of C++. What arrives here is a line already.
class LineSink final : public spdlog::sinks::sink {
 public:
  explicit LineSink(int fd) : fd_(fd) {}

  [[nodiscard]] int failure() const { return failure_; }

  void log(const spdlog::details::log_msg& message) override {
    std::string line(message.payload.data(), message.payload.size());
    line += '\n';
    const IgnoredSizeSignal ignored;
    ssize_t count = 0;
    do count = ::write(fd_, line.data(), line.size());
    while (count < 0 && errno == EINTR);
    if (count == static_cast<ssize_t>(line.size())) return;
    failure_ = count < 0 ? errno : ENOSPC;
    // The disk is full: what is there of the line must not become the beginning of somebody else's.
    if (count > 0) static_cast<void>(::write(fd_, "\n", 1) < 0);
  }

  void flush() override {}
  void set_pattern(const std::string& /*pattern*/) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}

 private:
  int fd_;
  int failure_ = 0;
};

}  // namespace

LogFile::LogFile(const std::string& path) {
  constexpr mode_t kMode = 0600;
  fd_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, kMode);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path);
  struct stat status {};
  if (::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode)) return;
  ::close(std::exchange(fd_, -1));
  throw std::system_error(EINVAL, std::generic_category(), path + " is no regular file");
}

LogFile::~LogFile() { ::close(fd_); }

int write_line(int fd, std::string_view line) {
  try {
    LineSink sink(fd);
    sink.log({"line", spdlog::level::info, spdlog::string_view_t(line.data(), line.size())});
    return sink.failure();
  } catch (const std::exception&) {
    return ENOMEM;
  }
}

}  // namespace logging
