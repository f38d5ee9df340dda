// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/conflist.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

namespace {

std::string refusal(const std::string& text) {
  try {
    cli::parse_conflist(text, "10-net.conflist");
  } catch (const cni::Error& error) {
    return std::to_string(error.code()) + ": " + error.msg() + (error.details().empty() ? "" : "; " + error.details());
  }
  return "accepted";
}

// A folder of configurations that is gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "footbridge-conf-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ + "/" + name) << text; }
  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] std::string refusal(const std::string& network) const {
    try {
      cli::load_conflist(path_, network);
    } catch (const cni::Error& error) {
      return error.msg();
    }
    return "found";
  }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("A list keeps its plugins in order, each with its own keys") {
  const std::string text = R"({"cniVersion":"0.4.0","name":"net","disableCheck":true,"plugins":[
      {"type":"bridge","bridge":"br0","capabilities":{"ips":true,"mac":false}},{"type":"portmap"}]})";
  const cli::Conflist list = cli::parse_conflist(text, "x");
  CHECK(list.name == "net");
  CHECK(list.version == cni::Version::v0_4_0);
  CHECK(list.disable_check);
  REQUIRE(list.plugins.size() == 2);
  CHECK(list.plugins[0].type == "bridge");
  CHECK(list.plugins[0].config.at("bridge") == "br0");
  CHECK(list.plugins[1].type == "portmap");
  CHECK(list.bytes == text);
}

TEST_CASE("A plugin declares the capabilities that are true, and no others") {
  const cli::Conflist list = cli::parse_conflist(
      R"({"name":"n","plugins":[{"type":"a","capabilities":{"ips":true,"mac":false,"aliases":null}},{"type":"b"}]})",
      "x");
  CHECK(list.plugins[0].declares("ips"));
  CHECK_FALSE(list.plugins[0].declares("mac"));
  CHECK_FALSE(list.plugins[0].declares("aliases"));
  CHECK_FALSE(list.plugins[0].declares("portMappings"));
  CHECK_FALSE(list.plugins[1].declares("ips"));
}

TEST_CASE("Of several versions the highest that we know is taken") {
  const auto version = [](const std::string& keys) {
    return std::string(
        cni::text(cli::parse_conflist(R"({"name":"n",)" + keys + R"("plugins":[{"type":"a"}]})", "x").version));
  };
  CHECK(version("") == "0.1.0");
  CHECK(version(R"("cniVersion":"1.0.0",)") == "1.0.0");
  CHECK(version(R"("cniVersions":["0.3.1","1.1.0","1.0.0"],)") == "1.1.0");
  CHECK(version(R"("cniVersions":["1.0.0","9.9.9"],)") == "1.0.0");
  CHECK(version(R"("cniVersion":"0.4.0","cniVersions":["0.3.1"],)") == "0.4.0");
}

TEST_CASE("A single plugin's configuration is a list of one") {
  const cli::Conflist list =
      cli::parse_single_conf(R"({"cniVersion":"1.0.0","name":"lo","type":"loopback","x":1})", "lo.conf");
  CHECK(list.name == "lo");
  CHECK(list.version == cni::Version::v1_0_0);
  REQUIRE(list.plugins.size() == 1);
  CHECK(list.plugins[0].type == "loopback");
  CHECK(list.bytes ==
        R"({"cniVersion":"1.0.0","name":"lo","plugins":[{"cniVersion":"1.0.0","name":"lo","type":"loopback","x":1}]})");
}

TEST_CASE("A bad list is refused with the file, the key and the value") {
  CHECK(refusal("[]") == "7: 10-net.conflist: not a JSON object");
  CHECK(refusal(R"({"plugins":[{"type":"a"}]})") == "7: 10-net.conflist: the network's name is missing");
  CHECK(refusal(R"({"name":"a/b","plugins":[{"type":"a"}]})") == "7: 10-net.conflist: \"a/b\" is no network's name");
  CHECK(refusal(R"({"name":"n"})") == "7: 10-net.conflist: no plugins in the list");
  CHECK(refusal(R"({"name":"n","plugins":[{"bridge":"b"}]})") == "7: 10-net.conflist: plugins[0].type is missing");
  CHECK(refusal(R"({"name":7,"plugins":[]})") ==
        "7: 10-net.conflist: failed to load netconf: name: 7 is a number; allowed: a string");
  CHECK(refusal(R"({"name":"n","cniVersion":"2.0.0","plugins":[{"type":"a"}]})") ==
        "1: 10-net.conflist: cniVersion \"2.0.0\" is none that we know; known: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, "
        "1.0.0, 1.1.0");
  CHECK(refusal("{").starts_with("6: 10-net.conflist: not JSON: "));
}

TEST_CASE("A network is found by its name and not by its file's, lists before single plugins") {
  const Folder folder;
  folder.write("20.conflist", R"({"name":"red","plugins":[{"type":"second"}]})");
  folder.write("10.conflist", R"({"name":"red","plugins":[{"type":"first"}]})");
  folder.write("05.conf", R"({"name":"red","type":"single"})");
  folder.write("06.json", R"({"name":"blue","type":"json"})");
  folder.write("07.txt", R"({"name":"green","type":"ignored"})");
  CHECK(cli::load_conflist(folder.path(), "red").plugins[0].type == "first");
  CHECK(cli::load_conflist(folder.path(), "blue").plugins[0].type == "json");
  CHECK(folder.refusal("green") == "no network \"green\" in " + folder.path() + "; there is red, red, red, blue");
}

TEST_CASE("A file that cannot be read does not hide the networks in other files, and is named when one is missing") {
  const Folder folder;
  folder.write("10.conflist", R"({"name":"broken"})");
  folder.write("20.conflist", R"({"name":"red","plugins":[{"type":"a"}]})");
  CHECK(cli::load_conflist(folder.path(), "red").name == "red");
  CHECK(folder.refusal("broken") == "no network \"broken\" in " + folder.path() +
                                        "; there is red; passed over 10.conflist: no plugins in the list");
}

TEST_CASE("A folder that is not there has no networks") {
  const Folder folder;
  try {
    cli::load_conflist(folder.path() + "/none", "red");
    FAIL("found");
  } catch (const cni::Error& error) {
    CHECK(error.msg() == "no network \"red\" in " + folder.path() + "/none; no other either");
  }
}
