#include "lib/log/log.h"

#include <cstdlib>
#include <memory>
#include <string>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace logging {
namespace {

// A level that nobody knows must not silence warnings, as spdlog has it.
spdlog::level::level_enum parse_level(std::string_view name) {
  const auto level = spdlog::level::from_str(std::string(name));
  return level == spdlog::level::off && name != "off" ? spdlog::level::warn : level;
}

// Made on first use: a call that has nothing to say does not pay for it.
std::shared_ptr<spdlog::logger> make_logger(const std::string& program, std::string_view setting) {
  const std::size_t colon = setting.find(':');
  const std::string file(colon == std::string_view::npos ? std::string_view() : setting.substr(colon + 1));
  spdlog::sink_ptr sink;
  try {
    if (!file.empty()) sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(file);
  } catch (const spdlog::spdlog_ex&) {
    // A log that cannot be opened must not fail a container's network: stderr takes its place.
  }
  const bool to_file = sink != nullptr;
  if (!to_file) sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  auto logger = std::make_shared<spdlog::logger>(program, sink);
  logger->set_pattern(to_file ? "%Y-%m-%dT%H:%M:%S.%e%z %l %n[%P]: %v" : "%n: %l: %v");
  logger->set_level(parse_level(setting.substr(0, colon)));
  logger->flush_on(spdlog::level::trace);
  return logger;
}

std::string& program_name() {
  static std::string name = "footbridge";
  return name;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    const char* setting = std::getenv("FOOTBRIDGE_LOG");  // NOLINT(concurrency-mt-unsafe): nobody sets variables here
    return make_logger(program_name(), setting == nullptr ? std::string_view() : setting);
  }();
  return *instance;
}

}  // namespace

void start(std::string_view program) { program_name() = program; }

bool is_recording() { return false; }
void did(std::string_view /*what*/) {}
Stage::Stage(std::string_view name) : name_(name), begun_(std::chrono::steady_clock::now()) {}
Stage::~Stage() = default;

void debug(std::string_view message) { logger().debug("{}", message); }
void info(std::string_view message) { logger().info("{}", message); }
void warn(std::string_view message) { logger().warn("{}", message); }

}  // namespace logging
