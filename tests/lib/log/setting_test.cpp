// SPDX-License-Identifier: Apache-2.0
#include "lib/log/setting.h"

#include <doctest/doctest.h>

using logging::Level;
using logging::parse_setting;
using logging::Setting;

namespace {

// FOOTBRIDGE_LOG, then the keys of the configuration, as "level file", followed by the warnings.
std::string setting(std::string_view variable, std::string_view level = "", std::string_view file = "") {
  Setting setting = parse_setting(variable);
  setting.add_level("logLevel", level);
  setting.add_file("logFile", file);
  std::string words = setting.is_wanted() ? std::string(text(setting.threshold())) : "unwanted";
  if (!setting.file.empty()) words += " " + setting.file;
  for (const std::string& warning : setting.warnings) words += "; " + warning;
  return words;
}

}  // namespace

TEST_CASE("without a setting there is no log") {
  CHECK(setting("") == "unwanted");
  CHECK(setting(":") == "unwanted");
  CHECK(parse_setting("").threshold() == Level::warn);
}

TEST_CASE("FOOTBRIDGE_LOG is a level, a file, or both") {
  CHECK(setting("debug") == "debug");
  CHECK(setting("debug:") == "debug");
  CHECK(setting("error:/var/log/cni.log") == "error /var/log/cni.log");
  CHECK(setting("info:/var/log/a:b") == "info /var/log/a:b");
  CHECK(setting(":/var/log/cni.log") == "info /var/log/cni.log");
}

TEST_CASE("every level has its name, and \"warning\" is warn") {
  for (const char* level : {"trace", "debug", "info", "warn", "error", "off"}) CHECK(setting(level) == level);
  CHECK(setting("warning") == "warn");
}

TEST_CASE("the configuration sets only what the environment does not") {
  CHECK(setting("", "debug", "/var/log/cni.log") == "debug /var/log/cni.log");
  CHECK(setting("", "", "/var/log/cni.log") == "info /var/log/cni.log");
  CHECK(setting("", "off", "/var/log/cni.log") == "off /var/log/cni.log");
  CHECK(setting("debug", "error", "/var/log/cni.log") == "debug /var/log/cni.log");
  CHECK(setting(":/var/log/mine", "error", "/var/log/cni.log") == "error /var/log/mine");
  CHECK(setting("off", "debug", "/var/log/cni.log") == "off /var/log/cni.log");
}

TEST_CASE("an invalid level or path is reported and ignored") {
  const std::string no_level = ": unknown log level \"verbose\"; allowed: trace, debug, info, warn, error, off";
  const std::string no_path = ": \"cni.log\" is not allowed; allowed: an absolute path";
  CHECK(setting("", "verbose", "") == "unwanted; logLevel" + no_level);
  CHECK(setting("", "", "cni.log") == "unwanted; logFile" + no_path);
  CHECK(setting("verbose:cni.log") == "unwanted; FOOTBRIDGE_LOG" + no_level + "; FOOTBRIDGE_LOG" + no_path);
  CHECK(setting("verbose", "debug") == "debug; FOOTBRIDGE_LOG" + no_level);
  CHECK(setting("debug", "verbose") == "debug");
  CHECK(setting("", "INFO").starts_with("unwanted; logLevel: unknown log level \"INFO\""));
  CHECK(setting("", "", std::string_view("/a\0b", 4)).starts_with("unwanted; logFile: "));
}

TEST_CASE("a warning quotes only the beginning of a long value") {
  CHECK(setting("", std::string(5000, 'x')).size() < 200);
}
