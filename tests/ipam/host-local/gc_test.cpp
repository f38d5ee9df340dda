// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include <doctest/doctest.h>

#include "tests/ipam/host-local/call.h"

namespace {

using Files = std::map<std::string, std::string>;

const std::string kSubnet = R"("subnet": "10.1.0.0/24")";

// GC with these living attachments (JSON).
cni::Answer collect(const Host& host, const std::string& alive, const std::string& ipam = kSubnet) {
  return host.call({"GC", ""}, config(ipam, R"("cni.dev/valid-attachments": )" + alive, "1.1.0"));
}

// A file that even root cannot delete while this lives; chattr(1) +i.
class Immutable {
 public:
  explicit Immutable(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    is_kept_ = change(FS_IMMUTABLE_FL);
    if (!is_kept_) MESSAGE("SKIP: no file can be made immutable here");
  }
  Immutable(const Immutable&) = delete;
  Immutable& operator=(const Immutable&) = delete;
  ~Immutable() {
    static_cast<void>(change(0));
    ::close(file_);
  }
  [[nodiscard]] bool is_kept() const { return is_kept_; }

 private:
  [[nodiscard]] bool change(int flags) const { return ::ioctl(file_, FS_IOC_SETFLAGS, &flags) == 0; }
  int file_;
  bool is_kept_ = false;
};

// As if all allocations were made before the last reboot; false if that is impossible here.
bool reboot(const Host& host) {
  std::vector<std::string> names{"n"};
  for (const auto& [name, content] : host.directory().files("n")) {
    if (name.starts_with("10.")) names.push_back("n/" + name);
  }
  const bool done = std::all_of(names.begin(), names.end(), [&host](const std::string& name) {
    return ::setxattr(host.directory().path(name).c_str(), "user.footbridge.boot", "before", 6, 0) == 0;
  });
  if (!done) MESSAGE("SKIP: the file system of temporary files keeps no attributes");
  return done;
}

}  // namespace

TEST_CASE("GC releases the addresses without a living attachment, and no others") {
  const Host host;
  for (const char* container : {"alive", "dead"}) host.add(container, config(kSubnet));
  CHECK(host.call({"ADD", "alive", "", "eth1"}, config(kSubnet)).exit_code == 0);
  host.directory().write("n/10.1.0.30", "alive");
  host.directory().write("n/10.1.0.31", "dead");
  host.directory().write("n/10.1.0.32", "");
  host.directory().write("n/10.1.0.33", "an operator's note");
  host.directory().write("n/10.1.0", "dead\r\neth0");
  std::filesystem::create_symlink("10.1.0.3", host.directory().path("n/10.1.0.34"));
  std::filesystem::create_directory(host.directory().path("n/10.1.0.35"));
  std::filesystem::create_directory(host.directory().path("m"));
  host.directory().write("m/10.1.0.9", "dead\r\neth0");
  for (int time = 0; time < 2; ++time) {
    CHECK(collect(host, R"([{"containerID": "alive", "ifname": "eth0"}])").exit_code == 0);
    std::filesystem::remove(host.directory().path("n/10.1.0.34"));
    CHECK(host.directory().files("n") == Files{{"10.1.0", "dead\r\neth0"},
                                               {"10.1.0.2", "alive\r\neth0"},
                                               {"10.1.0.30", "alive"},
                                               {"10.1.0.33", "an operator's note"},
                                               {"10.1.0.35/", ""},
                                               {"last_reserved_ip.0", "10.1.0.4"},
                                               {"lock", ""}});
  }
  CHECK(host.directory().read("m/10.1.0.9") == "dead\r\neth0");
}

TEST_CASE("GC leaves a link in the place of an address") {
  const Host host;
  host.add("dead", config(kSubnet));
  std::filesystem::create_symlink("nowhere", host.directory().path("n/10.1.0.34"));
  CHECK(collect(host, "[]").exit_code == 0);
  CHECK(host.directory().has("n/10.1.0.34"));
  CHECK_FALSE(host.directory().has("n/10.1.0.2"));
}

TEST_CASE("GC needs no valid ranges, and no store") {
  const Host host;
  CHECK(collect(host, "[]").exit_code == 0);
  CHECK(host.directory().files().empty());
  host.add("dead", config(kSubnet));
  CHECK(collect(host, "[]", R"("ranges": 5, "exclude": {})").exit_code == 0);
  CHECK_FALSE(host.directory().has("n/10.1.0.2"));
}

TEST_CASE("GC without the list of living attachments collects nothing") {
  const Host host;
  host.add("c1", config(kSubnet));
  CHECK(host.call({"GC", ""}, config(kSubnet, "", "1.1.0")).exit_code == 0);
  CHECK(host.directory().has("n/10.1.0.2"));
}

TEST_CASE("the first ADD after a reboot releases earlier allocations, so a full range works again") {
  const Host host;
  const std::string small = config(R"("subnet": "10.1.0.0/29")");
  for (const char* container : {"a", "b", "c", "d", "e"}) host.add(container, small);
  CHECK(
      host.refusal(small).starts_with("999: failed to allocate for range 0: no IP addresses available in range set: "
                                      "10.1.0.1-10.1.0.6: 5 of 5 are allocated"));
  if (!reboot(host)) return;
  CHECK(host.call({"STATUS", ""}, config(R"("subnet": "10.1.0.0/29")", "", "1.1.0")).exit_code == 0);
  CHECK(host.directory().has("n/10.1.0.2"));
  CHECK(host.addresses("f", small) == "10.1.0.2/29");
  CHECK(host.directory().files("n") ==
        Files{{"10.1.0.2", "f\r\neth0"}, {"last_reserved_ip.0", "10.1.0.2"}, {"lock", ""}});
  CHECK(host.addresses("g", small) == "10.1.0.3/29");
  CHECK(host.directory().has("n/10.1.0.2"));
}

TEST_CASE("GC continues after an address that it cannot release, and reports it with its path") {
  const Host host;
  for (const char* container : {"a", "b", "c"}) host.add(container, config(kSubnet));
  const Immutable stuck(host.directory().path("n/10.1.0.2"));
  if (!stuck.is_kept()) return;
  const cni::Answer answer = collect(host, "[]");
  CHECK(answer.exit_code == 1);
  CHECK(answer.out.find("address store " + host.directory().path("n") + ": remove 10.1.0.2: Operation not permitted") !=
        std::string::npos);
  CHECK(host.directory().files("n") ==
        Files{{"10.1.0.2", "a\r\neth0"}, {"last_reserved_ip.0", "10.1.0.4"}, {"lock", ""}});
}

TEST_CASE("an address of an earlier boot that cannot be released does not block the others") {
  const Host host;
  for (const char* container : {"a", "b", "c"}) host.add(container, config(kSubnet));
  if (!reboot(host)) return;
  const Immutable stuck(host.directory().path("n/10.1.0.2"));
  if (!stuck.is_kept()) return;
  CHECK(host.addresses("d", config(kSubnet)) == "10.1.0.5/24");
  CHECK(host.directory().files("n") ==
        Files{{"10.1.0.2", "a\r\neth0"}, {"10.1.0.5", "d\r\neth0"}, {"last_reserved_ip.0", "10.1.0.5"}, {"lock", ""}});
}
