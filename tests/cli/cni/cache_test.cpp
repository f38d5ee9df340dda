// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "cli/cni/base64.h"

namespace {

const net::Owner kOwner{"net", "c1", "eth0"};

// Written by libcni 1.1.2 for a list {"name":"net"} with arguments, capabilities and a result.
constexpr const char* kOfLibcni =
    R"({"kind":"cniCacheV1","containerId":"c1","config":"eyJuYW1lIjoibmV0In0=","ifName":"eth0","networkName":"net",)"
    R"("cniArgs":[["IgnoreUnknown","1"],["K8S_POD_NAME","web"]],)"
    R"("capabilityArgs":{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]},)"
    R"("result":{"cniVersion":"1.0.0","dns":{},"ips":[{"address":"10.0.0.2/24"}]}})";

}  // namespace

TEST_CASE("base 64 goes both ways for every length") {
  CHECK(cli::encode_base64("").empty());
  CHECK(cli::encode_base64("f") == "Zg==");
  CHECK(cli::encode_base64("fo") == "Zm8=");
  CHECK(cli::encode_base64("foo") == "Zm9v");
  CHECK(cli::encode_base64("foobar") == "Zm9vYmFy");
  CHECK(cli::encode_base64("\xff\xfe\xfd") == "//79");
  for (const std::string text : {"", "f", "fo", "foo", "foob", "\x01\xff\x80"}) {
    CHECK(cli::decode_base64(cli::encode_base64(text)) == text);
  }
}

TEST_CASE("text that is not base 64 is rejected") {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z", "Zm9v!", "Zh==", "Zg==Zg==", "===="}) {
    CHECK_MESSAGE(!cli::decode_base64(text), text);
  }
}

TEST_CASE("an entry of libcni is read completely") {
  const auto entry = cli::parse_cache_entry(kOwner, kOfLibcni);
  REQUIRE(entry);
  CHECK(entry->config == R"({"name":"net"})");
  CHECK(entry->attachment.args == "IgnoreUnknown=1;K8S_POD_NAME=web");
  CHECK(entry->attachment.capabilities.at("portMappings").at(0).at("hostPort") == 8080);
  CHECK(entry->result.at("ips").at(0).at("address") == "10.0.0.2/24");
  CHECK(entry->attachment.netns.empty());
}

TEST_CASE("an entry is written with libcni's keys, and reads back unchanged") {
  cli::CacheEntry entry;
  entry.attachment = {"c1", "/run/netns/red", "eth0", "A=1;B=x=y", {{"mac", "0a:00:00:00:00:01"}}};
  entry.config = R"({"name":"net"})";
  entry.result = {{"cniVersion", "1.0.0"}};
  const std::string text = cli::print_cache_entry(kOwner, entry);
  CHECK(
      text ==
      R"({"kind":"cniCacheV1","containerId":"c1","config":"eyJuYW1lIjoibmV0In0=","ifName":"eth0","networkName":"net",)"
      R"("netns":"/run/netns/red","cniArgs":[["A","1"],["B","x=y"]],"capabilityArgs":{"mac":"0a:00:00:00:00:01"},)"
      R"("result":{"cniVersion":"1.0.0"}})");
  const auto again = cli::parse_cache_entry(kOwner, text);
  REQUIRE(again);
  CHECK(again->attachment.netns == "/run/netns/red");
  CHECK(again->attachment.args == "A=1;B=x=y");
  CHECK(again->attachment.capabilities == entry.attachment.capabilities);
  CHECK(again->config == entry.config);
  CHECK(again->result == entry.result);
}

TEST_CASE("empty keys are left out, as libcni does") {
  CHECK(cli::print_cache_entry(kOwner, {}) ==
        R"({"kind":"cniCacheV1","containerId":"c1","config":"","ifName":"eth0","networkName":"net"})");
}

TEST_CASE("an entry of another attachment under the same file name is not used") {
  // "a-b" + "c" and "a" + "b-c" share the file a-b-c-eth0.
  const std::string text = cli::print_cache_entry({"a-b", "c", "eth0"}, {});
  CHECK_FALSE(cli::parse_cache_entry({"a", "b-c", "eth0"}, text));
}

TEST_CASE("a bare result, the format before libcni 0.8, is accepted") {
  const auto entry = cli::parse_cache_entry(kOwner, R"({"cniVersion":"0.4.0","ips":[]})");
  REQUIRE(entry);
  CHECK(entry->result.at("cniVersion") == "0.4.0");
  CHECK(entry->config.empty());
}

TEST_CASE("any other text is an error") {
  for (const char* text : {"", "{", "[]", "{}", "7", R"({"kind":"cniCacheV1","networkName":7})"}) {
    CHECK_THROWS_AS(cli::parse_cache_entry(kOwner, text), cni::Error);
  }
}

TEST_CASE("a container id that is too long for a file name is rejected") {
  CHECK_NOTHROW(cli::Cache::require_name({"net", std::string(238, 'a'), "eth0"}));
  CHECK_THROWS_WITH_AS(cli::Cache::require_name({"net", std::string(239, 'a'), "eth0"}),
                       ("container id \"" + std::string(239, 'a') + "\" is too long").c_str(), cni::Error);
}

TEST_CASE("the cache has a file per attachment at libcni's place, readable only by root") {
  std::string folder = (std::filesystem::temp_directory_path() / "footbridge-cache-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const cli::Cache cache(folder);
  CHECK(cache.file(kOwner) == folder + "/results/net-c1-eth0");
  CHECK_FALSE(cache.load(kOwner));
  cache.remove(kOwner);  // no entry: does nothing

  cli::CacheEntry entry;
  entry.config = "text";
  cache.store(kOwner, entry);
  cache.store(kOwner, entry);
  REQUIRE(cache.load(kOwner));
  CHECK(cache.load(kOwner)->config == "text");
  struct stat status {};
  REQUIRE(::stat(cache.file(kOwner).c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);
  REQUIRE(::stat((folder + "/results").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0700);

  std::ofstream(cache.file(kOwner)) << "half a li";
  CHECK_THROWS_WITH_AS(static_cast<void>(cache.load(kOwner)), doctest::Contains(("cached result " + folder).c_str()),
                       cni::Error);
  cache.remove(kOwner);
  CHECK_FALSE(cache.load(kOwner));
  std::filesystem::remove_all(folder);
}

TEST_CASE("an entry names its attachment") {
  const cli::CachedAttachment cached = cli::parse_cached_attachment(kOfLibcni);
  CHECK(cached.owner == kOwner);
  CHECK(cached.entry.config == R"({"name":"net"})");
  CHECK(cached.entry.attachment.container_id == "c1");
}

TEST_CASE("entries without names, or with invalid names, are rejected") {
  for (const char* text :
       {R"({"cniVersion":"0.4.0","ips":[]})",
        R"({"kind":"cniCacheV2","networkName":"net","containerId":"c1","ifName":"eth0"})",
        R"({"kind":"cniCacheV1","networkName":"net","containerId":"c1"})",
        R"({"kind":"cniCacheV1","networkName":"../net","containerId":"c1","ifName":"eth0"})",
        R"({"kind":"cniCacheV1","networkName":"net","containerId":"c1/x","ifName":"eth0"})",
        R"({"kind":"cniCacheV1","networkName":"net","containerId":"c1","ifName":"eth0 x"})",
        R"({"kind":"cniCacheV1","networkName":["net"],"containerId":"c1","ifName":"eth0"})",
        R"({"kind":"cniCacheV1","networkName":"net","containerId":"c1","ifName":"eth0","cniArgs":[["A"]]})", "[]", "",
        "7"}) {
    CHECK_THROWS_AS(cli::parse_cached_attachment(text), cni::Error);
  }
}

TEST_CASE("the cache lists its regular files, and each entry must be in its own file") {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "footbridge-cache-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const cli::Cache cache(folder);
  CHECK(cache.names().empty());
  cache.store({"net", "c2", "eth0"}, {});
  cache.store(kOwner, {});
  const std::string results = folder + "/results/";
  fs::create_directory(results + "directory");
  fs::create_symlink(cache.file(kOwner), results + "link");
  REQUIRE(::mkfifo((results + "pipe").c_str(), 0600) == 0);
  CHECK(cache.names() == std::vector<std::string>{"net-c1-eth0", "net-c2-eth0"});

  REQUIRE(cache.load_named("net-c1-eth0"));
  CHECK(cache.load_named("net-c1-eth0")->owner == kOwner);
  for (const char* name : {"nothing", "link", "pipe"}) CHECK_MESSAGE(!cache.load_named(name), name);
  fs::copy(cache.file(kOwner), results + "net-c3-eth0");
  CHECK_THROWS_WITH_AS(static_cast<void>(cache.load_named("net-c3-eth0")),
                       "contains the result of net/c1/eth0, which belongs in another file", cni::Error);
  std::ofstream(results + "huge") << std::string(17U << 20U, ' ');
  CHECK_THROWS_AS(static_cast<void>(cache.load_named("huge")), std::system_error);
  CHECK(cache.load_readable("").size() == 2);
  CHECK(cache.load_readable("net").size() == 2);
  CHECK(cache.load_readable("other").empty());
  CHECK(cli::Cache(folder + "/none").load_readable("").empty());
  fs::remove_all(folder);
}

TEST_CASE("a list of ids has those that --id accepts, with the pods") {
  cli::CachedAttachment web{{"net", std::string(64, 'a'), "eth0"}, {}};
  web.entry.attachment.args = "K8S_POD_NAMESPACE=default;K8S_POD_NAME=web";
  CHECK(cli::list_ids({web, {{"net", "footbridge-red", "eth0"}, {}}}) == "aaaaaaaaaaaa (default/web), footbridge-red");
}
