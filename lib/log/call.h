// One call of a plugin as the log sees it, from its first moment to the line that is written at its end. The one who
// serves the call makes the object; everybody else says what he has to say by lib/log/log.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/log/record.h"
#include "lib/log/setting.h"
#include "lib/log/sink.h"

namespace logging {

class Call {
 public:
  // Starts the log (logging::start) and the clock.
  explicit Call(std::string_view plugin);

  // A call within the one that is going on, as if a process had been started for it: the setting is read again, the line is
  // its own, and what it has for stderr is added to `err`. The one around it goes on when it ends.
  Call(std::string_view plugin, std::string& err);

  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  Call(Call&&) = delete;
  Call& operator=(Call&&) = delete;

  // Writes the line, when somebody has asked for one and the level admits it. Throws nothing.
  ~Call();

  // The one that is going on in this process, the innermost, or nullptr.
  static Call* current();

  // The configuration's keys; nullopt for one that it does not have. To be called as soon as they are known, and once.
  void configure(const std::optional<std::string>& level, const std::optional<std::string>& file);

  // owner, netns: as in Record.
  void identify(std::string_view verb, std::string owner, std::string netns);

  // A call that runtimes make all the time and that does nothing: its line is of level debug.
  void identify_trifle(std::string_view verb);

  // The call has failed; the last failure counts.
  void fail(Failure failure) { record_.failure = std::move(failure); }

  // See log.h.
  [[nodiscard]] bool is_recording() const;
  [[nodiscard]] const std::string& plugin() const { return record_.plugin; }
  void add_did(std::string_view what);
  void add_note(Level level, std::string_view text) { record_.notes.add({level, std::string(text)}); }
  void add_time(std::string_view stage, Record::Duration duration) { record_.add_time(stage, duration); }
  void write_to_stderr(const std::string& line);

 private:
  void open_file();
  void write();

  Record record_;
  std::chrono::steady_clock::time_point begun_;
  std::optional<LogFile> file_;
  bool file_was_tried_ = false;
  Call* outer_ = nullptr;
  Setting outer_setting_;       // of the call around this one, while this one is going on
  std::string* err_ = nullptr;  // in place of stderr
};

}  // namespace logging
