// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/builtin.h"

#include <unistd.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "lib/cni/delegate.h"
#include "lib/cni/result_json.h"
#include "lib/cni/serve.h"
#include "lib/log/log.h"
#include "tests/lib/cni/call.h"
#include "tests/lib/log/own_process.h"
#include "tests/lib/os/temporary_directory.h"

using cni::Verb;

namespace {

cni::Result one_address() {
  cni::Result result;
  result.ips.push_back({*net::Prefix::parse("10.1.0.2/24"), net::Address::parse("10.1.0.1"), std::nullopt});
  return result;
}

// The plugin "here": each verb prints its name to stderr.
const cni::Plugin& here() {
  static const cni::Plugin plugin = [] {
    cni::Plugin made;
    made.name = "here";
    made.add = [](const cni::Request&) {
      logging::warn("ADD");
      return one_address();
    };
    made.del = [](const cni::Request& request) { logging::warn(std::string(text(request.verb))); };
    made.check = [](const cni::Request&) {
      logging::warn("CHECK");
      throw cni::Error(42, "it is <broken>", "really");
    };
    made.status = [](const cni::Request&) { throw std::bad_alloc(); };
    return made;
  }();
  return plugin;
}

constexpr std::array kHere{cni::Builtin{"here", here}};

// A CNI_PATH in which "here" is a link to this test's executable.
class Folder {
 public:
  Folder() { std::filesystem::create_symlink(std::filesystem::read_symlink("/proc/self/exe"), folder_.path("here")); }

  [[nodiscard]] cni::Request request(const std::string& verb) const {
    cni::Environment environment = environment_of(verb);
    environment["CNI_PATH"] = folder_.path();
    cni::Request request = request_of(R"({"cniVersion": "1.1.0", "name": "n", "ipam": {"type": "here"}})", environment);
    request.builtins = kHere;
    return request;
  }

 private:
  TemporaryDirectory folder_;
};

bool is_builtin(const std::string& name, const std::string& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return cni::find_builtin(kHere, name, status) == &here();
}

}  // namespace

TEST_CASE("a builtin is our own executable under its name, by any link; a copy or another file is not") {
  const TemporaryDirectory folder;
  const std::string own = std::filesystem::read_symlink("/proc/self/exe");
  std::filesystem::create_symlink(own, folder.path("link"));
  std::filesystem::create_symlink(folder.path("link"), folder.path("far"));
  std::filesystem::copy_file(own, folder.path("copy"));
  CHECK(is_builtin("here", own));
  CHECK(is_builtin("here", folder.path("far")));
  CHECK_FALSE(is_builtin("there", folder.path("far")));
  CHECK_FALSE(is_builtin("here", folder.path("copy")));
  CHECK_FALSE(is_builtin("here", "/bin/sh"));
}

TEST_CASE("a file is the plugin of its name, or the longest plugin name that follows a dash and ends the file name") {
  const std::array plugins{cni::Builtin{"local", here}, cni::Builtin{"host-local", here}};
  const auto found = [&](std::string_view file) {
    const cni::Builtin* plugin = cni::find_by_file_name(plugins, file);
    return plugin == nullptr ? "none" : plugin->name;
  };
  CHECK(found("local") == "local");
  CHECK(found("host-local") == "host-local");
  CHECK(found("cnv-local") == "local");
  CHECK(found("x-host-local") == "host-local");
  CHECK(found("-local") == "local");
  CHECK(found("my-ghost-local") == "local");
  for (const char* other : {"", "-", "local-", "cnvlocal", "host-locals", "cnv-Local", "footbridge-local"})
    CHECK(found(other) == "none");
}

TEST_CASE("a builtin's result is returned, and its stderr is printed when it has finished") {
  const Folder folder;
  CHECK(output_of(nullptr, [&] {
          const cni::Request request = folder.request("ADD");
          cni::Rollback rollback;
          cni::Lease lease(request, rollback);
          const bool is_same = lease.wait() == one_address();
          rollback.dismiss();
          logging::warn(is_same ? "the same" : "another one");
        }) == "here: warning: ADD\nfootbridge: warning: the same\n");
}

TEST_CASE("a builtin's error is returned unchanged, and nothing else of a failed builtin is printed") {
  const Folder folder;
  CHECK(output_of(nullptr, [&] {
          const std::string error = error_of([&] { cni::delegate_ipam(folder.request("CHECK"), Verb::check); });
          logging::warn(error);
        }) == "footbridge: warning: 42: it is <broken> [really]\n");
  CHECK(error_of([&] { cni::delegate_ipam(folder.request("STATUS"), Verb::status); }) ==
        "999: not enough memory [a limit of this process (ulimit -v, setrlimit(2) RLIMIT_AS) or of the machine]");
}

TEST_CASE("a builtin gets DEL after a failed ADD") {
  const Folder folder;
  CHECK(output_of(nullptr, [&] {
          const cni::Request request = folder.request("ADD");
          cni::Rollback rollback;
          const cni::Lease lease(request, rollback);
        }) == "here: warning: ADD\nhere: warning: DEL\n");
}

TEST_CASE("a result that is passed without printing would not change by printing") {
  cni::Result result = one_address();
  result.ips.push_back({*net::Prefix::parse("fd00::0:2/64"), std::nullopt, std::nullopt});
  result.ips.push_back({*net::Prefix::parse("fd00::a:3/128"), net::Address::parse("::ffff:10.0.0.1"), std::nullopt});
  for (const char* dst : {"0.0.0.0/0", "::/0", "192.0.2.7/24", "fd01::/48"}) {
    result.routes.push_back({*net::Prefix::parse(dst), std::nullopt, 0, 0, 0, std::nullopt, std::nullopt});
    result.routes.push_back({*net::Prefix::parse(dst), net::Address::parse("fd00::1"), 1400, 1360, 4294967295, 0, 255});
  }
  for (const cni::Version version : cni::kAllVersions) {
    CAPTURE(cni::text(version));
    CHECK(cni::is_kept_by_text(result, version) == (version >= cni::Version::v0_3_0));
    if (!cni::is_kept_by_text(result, version)) continue;
    CHECK(cni::parse_result(cni::parse_json(cni::print_result(result, version)), version, "result") == result);
  }
  cni::Result with_texts = result;
  with_texts.dns.search = {"a\xff"};
  CHECK_FALSE(cni::is_kept_by_text(with_texts, cni::kNewest));
  with_texts = result;
  with_texts.interfaces.resize(1);
  CHECK_FALSE(cni::is_kept_by_text(with_texts, cni::kNewest));
}
