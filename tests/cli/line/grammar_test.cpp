// SPDX-License-Identifier: Apache-2.0
#include "cli/line/grammar.h"

#include <doctest/doctest.h>

using cli::Command;

namespace {

struct Typed {
  std::string network;
  std::string netns;
  std::string id = "none";
  std::vector<std::string> ports;
  bool is_quiet = false;
  cli::CommandLine line;
};

// `footbridge WORDS`, with the commands add NETWORK NETNS, list [NETWORK], ipam ls, run -- COMMAND and version.
Typed typed(std::vector<std::string> words) {
  Typed result;
  const Command program{"footbridge",
                        "Connects.",
                        {},
                        {},
                        {{"add",
                          "connect one",
                          {{"network", "its name", &result.network}, {"netns", "where", &result.netns}},
                          {{"--id", "TEXT", "who", &result.id},
                           {"--port", "TEXT", "publish", &result.ports},
                           {"--quiet", "", "no result", &result.is_quiet, 'q'}}},
                         {"list", "all of them", {{"network", "only of this", &result.network, false}}},
                         {"ipam", "addresses", {}, {}, {{"ls", "list them"}}},
                         {"run", "run a command", {}, {}, {}, "footbridge run -- COMMAND"},
                         {"version", "its version"}}};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  result.line = parse(program, arguments);
  return result;
}

std::string rejection(const std::vector<std::string>& words) {
  try {
    static_cast<void>(typed(words));
  } catch (const cli::WrongUsage& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("options may appear anywhere between the arguments") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"add", "-q", "--id", "c1", "net", "red"},
                                                {"add", "net", "red", "--quiet", "--id=c1"},
                                                {"add", "net", "--id", "c1", "red", "-q"}}) {
    const Typed got = typed(words);
    CHECK(got.line.name == "add");
    CHECK(got.line.help == "");
    CHECK(got.network == "net");
    CHECK(got.netns == "red");
    CHECK(got.id == "c1");
    CHECK(got.is_quiet);
  }
  CHECK(typed({"ipam", "ls"}).line.name == "ipam ls");
}

TEST_CASE("absent options and arguments keep their defaults") {
  const Typed got = typed({"add", "net", "red"});
  CHECK(got.id == "none");
  CHECK(got.ports.empty());
  CHECK_FALSE(got.is_quiet);
  CHECK(typed({"list"}).network == "");
  CHECK(typed({"list", "net"}).network == "net");
}

TEST_CASE("a repeatable option has one value each time") {
  const Typed got = typed({"add", "--port", "8080:80", "--port=[::1]:81:81", "net", "red"});
  CHECK(got.ports == std::vector<std::string>{"8080:80", "[::1]:81:81"});
  CHECK(got.network == "net");
}

TEST_CASE("the word after an option is its value, and a dash alone is an argument") {
  CHECK(typed({"add", "--id", "--quiet", "net", "-"}).id == "--quiet");
  CHECK(typed({"add", "net", "-"}).netns == "-");
  CHECK(typed({"add", "--id=a=b", "net", "red"}).id == "a=b");
}

TEST_CASE("wrong usage is reported with the word that is wrong") {
  CHECK(rejection({}) == "a command is missing");
  CHECK(rejection({"ipam"}) == "a command is missing");
  CHECK(rejection({"ad"}) == "unknown command \"ad\"; did you mean \"add\"?");
  CHECK(rejection({"add"}) == "network is missing");
  CHECK(rejection({"add", "net"}) == "netns is missing");
  CHECK(rejection({"add", "net", "red", "blue"}) == "unexpected argument \"blue\"");
  CHECK(rejection({"add", "--what", "net", "red"}) == "unknown option \"--what\"");
  CHECK(rejection({"add", "--qiuet=1", "net", "red"}) == "unknown option \"--qiuet\"; did you mean \"--quiet\"?");
  CHECK(rejection({"add", "-qx", "net", "red"}) == "unknown option \"-qx\"");
  CHECK(rejection({"add", "net", "red", "--id"}) == "--id needs a value");
  CHECK(rejection({"add", "net", "red", "--id="}) == "--id needs a value");
  CHECK(rejection({"add", "net", "red", "--port", ""}) == "--port needs a value");
  CHECK(rejection({"add", "--quiet=yes", "net", "red"}) == "--quiet takes no value");
  CHECK(rejection({"add", "--id", "a", "--id", "b", "net", "red"}) == "--id may be given once only");
  CHECK(rejection({"run", "ip"}) == "unexpected argument \"ip\"; usage: footbridge run -- COMMAND");
  CHECK(rejection({"run", "-x"}) == "unknown option \"-x\"");
  CHECK(rejection({"help", "ad"}) == "unknown command \"ad\"; did you mean \"add\"?");
  CHECK(rejection({"add", "--version", "net", "red"}) == "unknown option \"--version\"");
  CHECK(rejection({"--quiet", "add", "net", "red"}) == "unknown option \"--quiet\"");
}

TEST_CASE("--version and -V are the command version") {
  CHECK(typed({"--version"}).line.name == "version");
  CHECK(typed({"-V"}).line.name == "version");
}

TEST_CASE("the command help prints the same as --help") {
  CHECK(typed({"help"}).line.help == typed({"--help"}).line.help);
  CHECK(typed({"help", "add"}).line.help == typed({"add", "--help"}).line.help);
  CHECK(typed({"help", "ipam", "ls"}).line.help == typed({"ipam", "ls", "-h"}).line.help);
}

TEST_CASE("help describes the named command, even if words are missing") {
  CHECK(typed({"--help"}).line.help == R"(Connects.
Usage: footbridge COMMAND [OPTIONS]

  add                         connect one
  list                        all of them
  ipam                        addresses
  run                         run a command
  version                     its version

  -h,--help                   print this
)");
  CHECK(typed({"add", "net", "-h"}).line.help == R"(connect one
Usage: footbridge add [OPTIONS] network netns

  network                     its name
  netns                       where

  --id TEXT                   who; default: none
  --port TEXT                 publish, repeatable
  -q,--quiet                  no result
  -h,--help                   print this
)");
  CHECK(typed({"list", "--help"}).line.help.find("\nUsage: footbridge list [OPTIONS] [network]\n") !=
        std::string::npos);
  CHECK(typed({"run", "--help"}).line.help.find("\nUsage: footbridge run -- COMMAND\n") != std::string::npos);
  CHECK(typed({"ipam", "--help"}).line.help.find("\nUsage: footbridge ipam COMMAND [OPTIONS]\n") != std::string::npos);
}
