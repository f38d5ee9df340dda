// SPDX-License-Identifier: Apache-2.0
#include "cli/line/grammar.h"

#include <algorithm>
#include <set>

#include "lib/net/closest.h"

namespace cli {
namespace {

bool is_help(std::string_view word) { return word == "-h" || word == "--help"; }
bool is_version(std::string_view word) { return word == "-V" || word == "--version"; }

std::string padded(std::string left, const std::string& right) {
  constexpr std::size_t kColumn = 30;
  left.resize(std::max(left.size() + 1, kColumn), ' ');
  return left + right + "\n";
}

bool may_repeat(const Option& option) { return std::holds_alternative<std::vector<std::string>*>(option.into); }

std::string text(const Option& option) {
  std::string names = option.letter == 0 ? std::string() : std::string{'-', option.letter, ','};
  names += option.name;
  if (!option.value.empty()) names += " " + option.value;
  const auto* const into = std::get_if<std::string*>(&option.into);
  const bool has_default = into != nullptr && !(*into)->empty();
  return padded("  " + names,
                option.help + (may_repeat(option) ? ", repeatable" : "") + (has_default ? "; default: " + **into : ""));
}

// path: the program and the commands that lead to this one.
std::string usage(const Command& command, const std::string& path) {
  std::string line = path + (command.commands.empty() ? "" : " COMMAND") + " [OPTIONS]";
  std::string rows;
  for (const Positional& one : command.positionals) {
    line += one.is_required ? " " + one.name : " [" + one.name + "]";
    rows += padded("  " + one.name, one.help);
  }
  std::string all = command.help + "\nUsage: " + (command.usage.empty() ? line : command.usage) + "\n\n";
  all += rows + (rows.empty() ? "" : "\n");
  for (const Command& one : command.commands) all += padded("  " + one.name, one.help);
  if (!command.commands.empty()) all += "\n";
  for (const Option& one : command.options) all += text(one);
  return all + padded("  -h,--help", "print this");
}

// Reads the words after a command's name.
class Reader {
 public:
  Reader(const Command& command, std::span<char* const> words) : command_(command), words_(words) {}

  void read() {
    while (!words_.empty()) {
      const std::string_view word = next();
      if (word.size() > 1 && word.starts_with('-')) {
        read_option(word);
      } else if (positional_ < command_.positionals.size()) {
        *command_.positionals[positional_++].into = word;
      } else {
        throw unexpected(word, command_);
      }
    }
    if (positional_ == command_.positionals.size() || !command_.positionals[positional_].is_required) return;
    throw WrongUsage(command_.positionals[positional_].name + " is missing");
  }

  template <class Named>
  static std::vector<std::string> names_of(const std::vector<Named>& all) {
    std::vector<std::string> names(all.size());
    std::transform(all.begin(), all.end(), names.begin(), [](const Named& one) { return one.name; });
    return names;
  }

  static WrongUsage unknown(const std::string& what, std::string_view word, const std::vector<std::string>& names) {
    return WrongUsage("unknown " + what + " \"" + std::string(word) + "\"" + net::suggestion(word, names));
  }

  static WrongUsage unexpected(std::string_view word, const Command& command) {
    const std::string text = "unexpected argument \"" + std::string(word) + "\"";
    return WrongUsage(command.usage.empty() ? text : text + "; usage: " + command.usage);
  }

 private:
  std::string_view next() {
    const std::string_view word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }

  void read_option(std::string_view word) {
    const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
    const std::string_view name = word.substr(0, equals);
    const auto option = std::find_if(command_.options.begin(), command_.options.end(), [&](const Option& one) {
      return one.name == name || (one.letter != 0 && name == std::string{'-', one.letter});
    });
    if (option == command_.options.end()) throw unknown("option", name, names_of(command_.options));
    const bool has_value = equals != std::string_view::npos;
    if (auto* const* flag = std::get_if<bool*>(&option->into)) {
      if (has_value) throw WrongUsage(option->name + " takes no value");
      **flag = true;
      return;
    }
    if (!has_value && words_.empty()) throw WrongUsage(option->name + " needs a value");
    store(*option, std::string(has_value ? word.substr(equals + 1) : next()));
  }

  void store(const Option& option, std::string value) {
    if (value.empty()) throw WrongUsage(option.name + " needs a value");
    if (may_repeat(option)) return std::get<std::vector<std::string>*>(option.into)->push_back(std::move(value));
    if (!given_.insert(option.name).second) throw WrongUsage(option.name + " may be given once only");
    *std::get<std::string*>(option.into) = std::move(value);
  }

  const Command& command_;
  std::span<char* const> words_;
  std::size_t positional_ = 0;
  std::set<std::string_view> given_;
};

}  // namespace

CommandLine parse(const Command& program, std::span<char* const> arguments) {
  const Command* command = &program;
  std::string path;
  const bool is_help_command = !arguments.empty() && arguments.front() == std::string_view("help");
  if (is_help_command) arguments = arguments.subspan(1);
  while (!command->commands.empty() && !arguments.empty() && !is_help(arguments.front())) {
    const std::string_view word = is_version(arguments.front()) ? "version" : arguments.front();
    const auto found = std::find_if(command->commands.begin(), command->commands.end(),
                                    [&](const Command& one) { return one.name == word; });
    if (found == command->commands.end()) {
      const bool is_option = word.starts_with('-');
      throw Reader::unknown(is_option ? "option" : "command", word, Reader::names_of(command->commands));
    }
    command = &*found;
    path += (path.empty() ? "" : " ") + command->name;
    arguments = arguments.subspan(1);
  }
  if (is_help_command || std::any_of(arguments.begin(), arguments.end(), is_help)) {
    return {path, usage(*command, program.name + (path.empty() ? "" : " " + path))};
  }
  if (!command->commands.empty()) throw WrongUsage("a command is missing");
  Reader(*command, arguments).read();
  return {path, {}};
}

}  // namespace cli
