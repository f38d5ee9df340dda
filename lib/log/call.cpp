#include "lib/log/call.h"

#include <unistd.h>

#include <cstdlib>
#include <system_error>
#include <utility>

#include "lib/log/log.h"

namespace logging {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a process has one call, and all code may speak of it
Call* current_call = nullptr;

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets variables here
  return value == nullptr ? std::string() : value;
}

}  // namespace

Call::Call(std::string_view plugin) : begun_(std::chrono::steady_clock::now()) {
  record_.plugin = plugin;
  current_call = this;
  start(plugin);
}

Call::Call(std::string_view plugin, std::string& err)
    : begun_(std::chrono::steady_clock::now()),
      outer_(current_call),
      outer_setting_(std::exchange(setting_of_process(), read_setting())),
      err_(&err) {
  record_.plugin = plugin;
  current_call = this;
  tell_complaints();
}

Call::~Call() {
  try {
    write();
  } catch (const std::exception&) {
    // Only memory can be wanting here, and for a line of the log nobody is to be left without his network.
  }
  current_call = outer_;
  if (err_ != nullptr) setting_of_process() = std::move(outer_setting_);
}

Call* Call::current() { return current_call; }

void Call::configure(const std::optional<std::string>& level, const std::optional<std::string>& file) {
  Setting& setting = setting_of_process();
  setting.add_level("logLevel", level.value_or(""));
  setting.add_file("logFile", file.value_or(""));
  tell_complaints();
  if (is_recording()) open_file();
}

void Call::identify(std::string_view verb, std::string owner, std::string netns) {
  record_.verb = verb;
  record_.owner = std::move(owner);
  record_.netns = std::move(netns);
}

void Call::identify_trifle(std::string_view verb) {
  record_.verb = verb;
  record_.usual = Level::debug;
}

bool Call::is_recording() const {
  const Setting& setting = setting_of_process();
  return setting.is_wanted() && setting.threshold() != Level::off;
}

void Call::add_did(std::string_view what) {
  if (is_recording()) record_.done.add(std::string(what));
}

// Early, and not with the first line: a path that is wrong is to be told by the first call and not by the first that fails.
void Call::open_file() {
  Setting& setting = setting_of_process();
  if (file_was_tried_ || setting.file.empty()) return;
  file_was_tried_ = true;
  try {
    file_.emplace(setting.file);
  } catch (const std::system_error& error) {
    setting.complaints.push_back(std::string("the log goes to stderr and not to its file: ") + error.what());
    tell_complaints();
  }
}

void Call::write_to_stderr(const std::string& line) {
  if (err_ != nullptr) {
    *err_ += line + "\n";
  } else {
    write_line(STDERR_FILENO, line);
  }
}

void Call::write() {
  if (!is_recording() || record_.level() < setting_of_process().threshold()) return;
  open_file();
  record_.total = std::chrono::steady_clock::now() - begun_;
  record_.time = std::chrono::system_clock::now();
  record_.pid = ::getpid();
  record_.traceparent = variable("TRACEPARENT");
  if (!file_) {
    write_to_stderr(text(record_));
  } else if (const int failure = write_line(file_->fd(), json(record_)); failure != 0) {
    setting_of_process().complaints.push_back("this call is not in the log " + setting_of_process().file + ": " +
                                              std::generic_category().message(failure));
    tell_complaints();
  }
}

}  // namespace logging
