#include "lib/log/log.h"

#include <unistd.h>

#include <algorithm>

#include "lib/log/call.h"
#include "lib/log/setting.h"
#include "lib/log/sink.h"

namespace logging {
namespace {

std::string& program_name() {
  static std::string name = "footbridge";
  return name;
}

// "bridge: warning: ..." in one line, whatever was quoted in it.
void write_message(Level level, std::string_view message) {
  Call* const call = Call::current();
  std::string line = (call != nullptr ? call->plugin() : program_name()) + ": " +
                     (level == Level::warn ? "warning" : std::string(text(level))) + ": ";
  line += message;
  std::replace_if(
      line.begin(), line.end(), [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, ' ');
  if (call != nullptr) {
    call->write_to_stderr(line);
  } else {
    write_line(STDERR_FILENO, line);
  }
}

// In a call, a warning is for the runtime at once and all is for the call's line; without one there is only stderr.
void tell(Level level, std::string_view message) {
  Call* const call = Call::current();
  if (call != nullptr) call->add_note(level, message);
  if (call == nullptr || level >= Level::warn) write_message(level, message);
}

void say(Level level, std::string_view message) {
  if (level >= setting_of_process().threshold()) tell(level, message);
}

}  // namespace

void start(std::string_view program) {
  program_name() = program;
  tell_complaints();
}

bool is_recording() { return Call::current() != nullptr && Call::current()->is_recording(); }

void did(std::string_view what) {
  if (Call* const call = Call::current()) call->add_did(what);
}

Stage::Stage(std::string_view name) : name_(name), begun_(std::chrono::steady_clock::now()) {
  if (Call* const call = Call::current()) call->add_time(name_, {});  // its place in the line is where it began
}

Stage::~Stage() {
  if (Call* const call = Call::current()) call->add_time(name_, std::chrono::steady_clock::now() - begun_);
}

void debug(std::string_view message) { say(Level::debug, message); }
void info(std::string_view message) { say(Level::info, message); }
void warn(std::string_view message) { say(Level::warn, message); }

void tell_complaints() {
  Setting& setting = setting_of_process();
  const std::vector<std::string> complaints = std::exchange(setting.complaints, {});
  if (setting.level == Level::off) return;
  for (const std::string& complaint : complaints) tell(Level::warn, complaint);
}

}  // namespace logging
