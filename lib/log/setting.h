// Who wants a log, how much of it and where: FOOTBRIDGE_LOG=level[:file], and what it leaves open by the configuration's
// keys logLevel and logFile.
//
// Other programs have keys of these names, with values of their own. A word that is no level and a path that is not
// absolute are passed over with a complaint, as if nobody had said them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/log/level.h"

namespace logging {

struct Setting {
  std::optional<Level> level;
  std::string file;                     // an absolute path; "" is stderr
  std::vector<std::string> complaints;  // for stderr, a sentence each

  // Takes the value when there is none yet; "" says nothing. source: where it was written, for a complaint.
  void add_level(std::string_view source, std::string_view word);
  void add_file(std::string_view source, std::string_view path);

  // Has anybody asked for a line about each call?
  [[nodiscard]] bool is_wanted() const { return level || !file.empty(); }

  // What nobody has set is info for a file that was asked for, and warn otherwise.
  [[nodiscard]] Level threshold() const;
};

Setting parse_setting(std::string_view footbridge_log);

// FOOTBRIDGE_LOG of this process's environment.
Setting read_setting();

// This process's, as it was read; Call adds the configuration's keys.
Setting& setting_of_process();

}  // namespace logging
