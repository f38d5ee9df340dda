// SPDX-License-Identifier: Apache-2.0
// What a command line may hold, how it is read, and how it is told by --help.
//
// Options are "--name VALUE" or "--name=VALUE", in any order and also behind the positional arguments; what follows an option
// that wants a value is its value, whatever it looks like. (A library for this brings C++'s streams and locales along, which
// would double the cost of starting a plugin.)
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
  std::string value;  // what --help calls its value, "DIR"; "" for one that has none
  std::string help;
  std::variant<bool*, std::string*, std::vector<std::string>*> into;  // a list: it may be given several times
  char letter = 0;                                                    // 'q': -q is the same
};

struct Positional {
  std::string name;
  std::string help;
  std::string* into = nullptr;
  bool is_required = true;
};

// One with commands of its own takes one of them and no positional arguments.
struct Command {
  std::string name;
  std::string help;
  std::vector<Positional> positionals = {};
  std::vector<Option> options = {};
  std::vector<Command> commands = {};
};

// Why a command line is none; a sentence.
class WrongUsage : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

struct CommandLine {
  std::string name;  // the command as it was typed, without the program: "add", "ipam gc"
  std::string help;  // the answer to -h or --help, which may stand anywhere; "": nobody asked
};

// Reads what stands behind the program's name, and fills in what the options and arguments point to. Throws WrongUsage; but
// who asks for help may have forgotten everything else.
CommandLine parse(const Command& program, std::span<char* const> arguments);

}  // namespace cli
