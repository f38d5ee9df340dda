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

// `footbridge WORDS`, with the commands add NETWORK NETNS, list [NETWORK] and ipam ls.
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
                         {"ipam", "addresses", {}, {}, {{"ls", "who has which"}}}}};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  result.line = parse(program, arguments);
  return result;
}

std::string refusal(const std::vector<std::string>& words) {
  try {
    static_cast<void>(typed(words));
  } catch (const cli::WrongUsage& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a command has its arguments in their order and options wherever they stand") {
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

TEST_CASE("what was not said stays as it was") {
  const Typed got = typed({"add", "net", "red"});
  CHECK(got.id == "none");
  CHECK(got.ports.empty());
  CHECK_FALSE(got.is_quiet);
  CHECK(typed({"list"}).network == "");
  CHECK(typed({"list", "net"}).network == "net");
}

TEST_CASE("an option that may be given several times takes one value each time") {
  const Typed got = typed({"add", "--port", "8080:80", "--port=[::1]:81:81", "net", "red"});
  CHECK(got.ports == std::vector<std::string>{"8080:80", "[::1]:81:81"});
  CHECK(got.network == "net");
}

TEST_CASE("what follows an option is its value, and a dash alone is an argument") {
  CHECK(typed({"add", "--id", "--quiet", "net", "-"}).id == "--quiet");
  CHECK(typed({"add", "net", "-"}).netns == "-");
  CHECK(typed({"add", "--id=a=b", "net", "red"}).id == "a=b");
}

TEST_CASE("wrong usage says what is wrong") {
  CHECK(refusal({}) == "a command is missing");
  CHECK(refusal({"ipam"}) == "a command is missing");
  CHECK(refusal({"ad"}) == "nobody expects \"ad\" there");
  CHECK(refusal({"add"}) == "network is missing");
  CHECK(refusal({"add", "net"}) == "netns is missing");
  CHECK(refusal({"add", "net", "red", "blue"}) == "nobody expects \"blue\" there");
  CHECK(refusal({"add", "--what", "net", "red"}) == "nobody expects \"--what\" there");
  CHECK(refusal({"add", "-qx", "net", "red"}) == "nobody expects \"-qx\" there");
  CHECK(refusal({"add", "net", "red", "--id"}) == "--id needs a value");
  CHECK(refusal({"add", "net", "red", "--id="}) == "--id needs a value");
  CHECK(refusal({"add", "net", "red", "--port", ""}) == "--port needs a value");
  CHECK(refusal({"add", "--quiet=yes", "net", "red"}) == "--quiet takes no value");
  CHECK(refusal({"add", "--id", "a", "--id", "b", "net", "red"}) == "--id can be given once");
  CHECK(refusal({"--quiet", "add", "net", "red"}) == "nobody expects \"--quiet\" there");
}

TEST_CASE("help is given whatever else is missing, of the command that was named") {
  CHECK(typed({"--help"}).line.help == R"(Connects.
Usage: footbridge COMMAND [OPTIONS]

  add                         connect one
  list                        all of them
  ipam                        addresses

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
  CHECK(typed({"ipam", "--help"}).line.help.find("\nUsage: footbridge ipam COMMAND [OPTIONS]\n") != std::string::npos);
}
