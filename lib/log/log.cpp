// SPDX-License-Identifier: Apache-2.0
#include "lib/log/log.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "lib/log/call.h"

namespace logging {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): all code reports to the current call
Call* current_call = nullptr;

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  return value == nullptr ? "" : value;
}

// "bridge: warning: ..." in one line.
std::string message_line(const std::string& program, Level level, std::string_view message) {
  std::string line = program + ": " + (level == Level::warn ? "warning" : std::string(text(level))) + ": ";
  line += message;
  const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return line;
}

void report(Level level, std::string_view message) {
  Call* const call = current_call;
  if (level < (call == nullptr ? parse_setting(variable("FOOTBRIDGE_LOG")) : call->setting()).threshold()) return;
  if (call != nullptr) return call->report(level, message);
  write_line(STDERR_FILENO, message_line("footbridge", level, message));
}

}  // namespace

bool is_recording() {
  const Call* const call = current_call;
  return call != nullptr && call->setting().is_wanted() && call->setting().threshold() != Level::off;
}

void record_action(std::string_view what) {
  if (is_recording()) current_call->record().done.emplace_back(what);
}

Stage::Stage(std::string_view name) : name_(name) {
  if (current_call != nullptr) current_call->record().add_time(name, {});  // its place in the order
}

Stage::~Stage() {
  if (current_call != nullptr) current_call->record().add_time(name_, std::chrono::steady_clock::now() - begun_);
}

void debug(std::string_view message) { report(Level::debug, message); }
void info(std::string_view message) { report(Level::info, message); }
void warn(std::string_view message) { report(Level::warn, message); }

Call::Call(std::string_view plugin, std::string* err)
    : setting_(parse_setting(variable("FOOTBRIDGE_LOG"))), outer_(std::exchange(current_call, this)), err_(err) {
  record_.plugin = plugin;
  report_warnings();
}

Call::~Call() {
  try {
    write();
  } catch (const std::exception&) {  // only memory can be missing, and the call has its result
  }
  current_call = outer_;
}

Call* Call::current() { return current_call; }

void Call::configure(const std::optional<std::string>& level, const std::optional<std::string>& file) {
  setting_.add_level("logLevel", level.value_or(""));
  setting_.add_file("logFile", file.value_or(""));
  report_warnings();
  if (is_recording()) open_file();
}

void Call::report(Level level, std::string_view message) {
  record_.notes.push_back({std::string(message), level});
  if (level >= Level::warn) write_to_stderr(message_line(record_.plugin, level, message));
}

// At every level except off.
void Call::report_warnings() {
  for (const std::string& warning : std::exchange(setting_.warnings, {})) {
    if (setting_.level != Level::off) report(Level::warn, warning);
  }
}

// Opened early, so the first call reports a wrong path even if it writes no line. Without the file, the log goes to
// stderr.
void Call::open_file() try {
  if (!setting_.file.empty()) append_line(setting_.file, "");
} catch (const std::system_error& error) {
  setting_.level = setting_.threshold();
  setting_.file.clear();
  report(Level::warn, "the log goes to stderr, its file cannot be opened: " + std::string(error.what()));
}

void Call::write_to_stderr(const std::string& line) {
  if (err_ != nullptr) *err_ += line + "\n";
  if (err_ == nullptr) write_line(STDERR_FILENO, line);
}

void Call::write() try {
  if (!is_recording() || record_.level() < setting_.threshold()) return;
  open_file();
  record_.total = std::chrono::steady_clock::now() - begun_;
  record_.time = std::chrono::system_clock::now();
  record_.pid = ::getpid();
  record_.traceparent = variable("TRACEPARENT");
  if (setting_.file.empty()) return write_to_stderr(text(record_));
  append_line(setting_.file, json(record_));
} catch (const std::system_error& error) {
  report(Level::warn, "this call is missing in the log " + std::string(error.what()));
}

}  // namespace logging
