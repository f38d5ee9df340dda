// SPDX-License-Identifier: Apache-2.0
// The grammar of a command line, its parser, and the text of --help.
//
// Options are "--name VALUE" or "--name=VALUE", in any order and also after the positional arguments. The word after an
// option with a value is always its value. (A library for this needs C++'s streams and locales, which would double the
// cost of starting a plugin.)
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cli {

struct Option {
  std::string name;   // "--port"
  std::string value;  // the name of its value in --help, "DIR"; "" if it has none
  std::string help;
  std::variant<bool*, std::string*, std::vector<std::string>*> into;  // a list: the option is repeatable
  char letter = 0;                                                    // 'q': -q is the same
};

struct Positional {
  std::string name;
  std::string help;
  std::string* into = nullptr;
  bool is_required = true;
};

// A command with subcommands takes one of them and no positional arguments.
struct Command {
  std::string name;
  std::string help;
  std::vector<Positional> positionals = {};
  std::vector<Option> options = {};
  std::vector<Command> commands = {};
  std::string usage = {};  // replaces the generated line, and is part of the error for an unexpected argument
};

// Describes what is wrong with a command line.
class WrongUsage : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

struct CommandLine {
  std::string name;  // the command as it was typed, without the program: "add", "ipam gc"
  std::string help;  // the text for -h or --help, anywhere, or for "help COMMAND"; "": not requested
};

// Reads the words after the program's name and writes to the targets of options and arguments. --version and -V are the
// command "version". Throws WrongUsage, but not for missing words if help is requested.
CommandLine parse(const Command& program, std::span<char* const> arguments);

}  // namespace cli
