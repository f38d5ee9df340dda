// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/conflist.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

namespace {

std::string rejection(const std::string& text) {
  try {
    cli::parse_conflist(text, "10-net.conflist");
  } catch (const cni::Error& error) {
    return std::to_string(error.code()) + ": " + error.msg() + (error.details().empty() ? "" : "; " + error.details());
  }
  return "accepted";
}

// A folder of configurations; its destructor deletes it.
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

  [[nodiscard]] std::string rejection(const std::string& network, const std::string& file = "") const {
    try {
      cli::load_conflist(path_ + file, network);
    } catch (const cni::Error& error) {
      return error.msg();
    }
    return "found";
  }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a list keeps its plugins in order, each with its own keys") {
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

TEST_CASE("a plugin declares only the capabilities that are true") {
  const cli::Conflist list = cli::parse_conflist(
      R"({"name":"n","plugins":[{"type":"a","capabilities":{"ips":true,"mac":false,"aliases":null}},{"type":"b"}]})",
      "x");
  CHECK(list.plugins[0].declares("ips"));
  CHECK_FALSE(list.plugins[0].declares("mac"));
  CHECK_FALSE(list.plugins[0].declares("aliases"));
  CHECK_FALSE(list.plugins[0].declares("portMappings"));
  CHECK_FALSE(list.plugins[1].declares("ips"));
}

TEST_CASE("the highest supported version is used") {
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

TEST_CASE("a single plugin's configuration is a list of one") {
  const cli::Conflist list =
      cli::parse_single_conf(R"({"cniVersion":"1.0.0","name":"lo","type":"loopback","x":1})", "lo.conf");
  CHECK(list.name == "lo");
  CHECK(list.version == cni::Version::v1_0_0);
  REQUIRE(list.plugins.size() == 1);
  CHECK(list.plugins[0].type == "loopback");
  CHECK(list.bytes ==
        R"({"cniVersion":"1.0.0","name":"lo","plugins":[{"cniVersion":"1.0.0","name":"lo","type":"loopback","x":1}]})");
}

TEST_CASE("a bad list is rejected with the file, the key and the value") {
  CHECK(rejection("[]") == "7: 10-net.conflist: not a JSON object");
  CHECK(rejection(R"({"plugins":[{"type":"a"}]})") == "7: 10-net.conflist: name is missing");
  CHECK(rejection(R"({"name":"a/b","plugins":[{"type":"a"}]})") ==
        "7: 10-net.conflist: name: \"a/b\" is not allowed; allowed: letters, digits, _ . -, beginning with a letter or "
        "digit");
  CHECK(rejection(R"({"name":"n"})") == "7: 10-net.conflist: plugins is missing or empty");
  CHECK(rejection(R"({"name":"n","plugins":[{"bridge":"b"}]})") == "7: 10-net.conflist: plugins[0].type is missing");
  CHECK(rejection(R"({"name":7,"plugins":[]})") ==
        "7: 10-net.conflist: failed to load netconf: name: 7 is a number; allowed: a string");
  CHECK(rejection(R"({"name":"n","cniVersion":"2.0.0","plugins":[{"type":"a"}]})") ==
        "1: 10-net.conflist: cniVersion \"2.0.0\" is not supported; supported: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, "
        "1.0.0, 1.1.0");
  CHECK(rejection("{").starts_with("6: 10-net.conflist: not JSON: "));
}

TEST_CASE("a byte order mark is rejected, as runtimes do") {
  CHECK(rejection("\xef\xbb\xbf{\"name\":\"n\",\"plugins\":[{\"type\":\"a\"}]}") ==
        "6: 10-net.conflist: not JSON: begins with a byte order mark, which every runtime rejects");
}

TEST_CASE("a network is found by its name and not by its file's, lists before single plugins") {
  const Folder folder;
  folder.write("20.conflist", R"({"name":"red","plugins":[{"type":"second"}]})");
  folder.write("10.conflist", R"({"name":"red","plugins":[{"type":"first"}]})");
  folder.write("05.conf", R"({"name":"red","type":"single"})");
  folder.write("06.json", R"({"name":"blue","type":"json"})");
  folder.write("07.txt", R"({"name":"green","type":"ignored"})");
  CHECK(cli::load_conflist(folder.path(), "red").plugins[0].type == "first");
  CHECK(cli::load_conflist(folder.path(), "blue").plugins[0].type == "json");
  CHECK(folder.rejection("green") == "network \"green\" not found: " + folder.path() + " contains red, red, red, blue");
}

TEST_CASE("a file that cannot be read does not hide other networks; its error comes first if a network is missing") {
  const Folder folder;
  folder.write("10.conflist", R"({"name":"broken"})");
  folder.write("20.conflist", R"({"name":"red","plugins":[{"type":"a"}]})");
  CHECK(cli::load_conflist(folder.path(), "red").name == "red");
  CHECK(folder.rejection("broken") ==
        "10.conflist: plugins is missing or empty; network \"broken\" not found: " + folder.path() + " contains red");
  folder.write("20.conflist", R"({"name":"red","cniVersion":"0.7.0","plugins":[{"type":"a"}]})");
  CHECK(
      folder.rejection("red") ==
      "10.conflist: plugins is missing or empty; 20.conflist: cniVersion \"0.7.0\" is not supported; supported: 0.1.0, "
      "0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0; network \"red\" not found: " +
          folder.path() + " contains no other network configuration");
}

TEST_CASE("an empty folder, a missing folder and a missing file are different errors") {
  const Folder folder;
  folder.write("text", "");
  CHECK(folder.rejection("red", "/text/n") == "network \"red\" not found: no such file: " + folder.path() + "/text/n");
  CHECK(folder.rejection("red") ==
        "network \"red\" not found: " + folder.path() + " contains no network configuration");
  CHECK(folder.rejection("red", "/none") ==
        "network \"red\" not found: no such file or folder: " + folder.path() + "/none");
}

TEST_CASE("a file is accepted in place of the folder, if it contains the network") {
  const Folder folder;
  folder.write("list.json", R"({"name":"red","plugins":[{"type":"a"}]})");
  folder.write("single.conflist", R"({"name":"blue","type":"b"})");
  folder.write("broken.conflist", "name: red");
  CHECK(cli::load_conflist(folder.path() + "/list.json", "red").plugins[0].type == "a");
  CHECK(cli::load_conflist(folder.path() + "/single.conflist", "blue").plugins[0].type == "b");
  CHECK(folder.rejection("red", "/single.conflist") ==
        "network \"red\" not found: " + folder.path() + "/single.conflist contains blue");
  CHECK(folder.rejection("red", "/broken.conflist").starts_with(folder.path() + "/broken.conflist: not JSON: "));
}
