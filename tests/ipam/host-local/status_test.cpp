// SPDX-License-Identifier: Apache-2.0
#include "ipam/host-local/status.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "lib/log/call.h"
#include "tests/ipam/host-local/call.h"

namespace {

const Host::Call kStatus{"STATUS", ""};

std::string newest(const std::string& ipam, const std::string& others = "") { return config(ipam, others, "1.1.0"); }

}  // namespace

TEST_CASE("STATUS of a network with free addresses succeeds and changes nothing") {
  const Host host;
  CHECK(host.call(kStatus, newest(R"("subnet": "10.1.0.0/29")")).exit_code == 0);
  CHECK(host.directory().files().empty());
  host.add("c1", config(R"("subnet": "10.1.0.0/29")"));
  std::filesystem::remove(host.directory().path("n/lock"));
  const auto before = host.directory().files("n");
  CHECK(host.call(kStatus, newest(R"("subnet": "10.1.0.0/29")")).exit_code == 0);
  CHECK(host.directory().files("n") == before);
}

TEST_CASE("STATUS succeeds and warns about each exhausted set, with numbers and commands") {
  const Host host;
  const std::string sets =
      R"("ranges": [[{"subnet": "10.1.0.0/30"}], [{"subnet": "10.2.0.0/24"}], [{"subnet": "fd00:1::/126"}]],
         "exclude": ["fd00:1::3"])";
  host.add("c1", config(sets));
  struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
  for (const char* name : {"n/10.1.0.2", "n/fd00:1::2"}) {
    REQUIRE(::utimensat(AT_FDCWD, host.directory().path(name).c_str(), times, 0) == 0);
  }
  const std::string options = "n --dir " + host.directory().path();
  std::string err;
  {
    const logging::Call log("host-local", &err);
    CHECK(host.call(kStatus, newest(sets)).exit_code == 0);
  }
  CHECK(err ==
        "host-local: warning: no IP addresses available in range set: 10.1.0.1-10.1.0.2: 1 of 1 is allocated, the "
        "oldest, "
        "10.1.0.2, since "
        "2001-09-09T01:46:40Z by container c1 (eth0); no IP addresses available in range set: fd00:1::1-fd00:1::3: 1 "
        "of 1 is allocated, the oldest, fd00:1::2, since 2001-09-09T01:46:40Z by container c1 (eth0); `footbridge ipam "
        "ls " +
            options + "` lists them, `footbridge ipam gc " + options + "` releases those whose container is gone\n");
  CHECK(host.call({"DEL", "c1"}, config(sets)).exit_code == 0);
  CHECK(host.call(kStatus, newest(sets)).exit_code == 0);
}

TEST_CASE("STATUS does not visit each address of a free range") {
  const Host host;
  const std::string large = R"("ranges": [[{"subnet": "10.0.0.0/8"}], [{"subnet": "fd00::/16"}]])";
  host.add("c1", config(large));
  CHECK(host.call(kStatus, newest(large)).exit_code == 0);
}

TEST_CASE("STATUS rejects a configuration that ADD would reject") {
  const Host host;
  CHECK(host.refusal_of(kStatus, newest(R"("subnet": "10.1.0.5/24")")).starts_with("7: invalid range set 0: Network"));
  CHECK(host.refusal_of(kStatus, newest(R"("ranges": [])")).starts_with("7: no IP ranges specified"));
  CHECK(
      host.refusal_of(kStatus, newest(R"("subnet": "10.1.0.0/24", "resolvConf": "DIR/none")")).starts_with("7: open "));
}

TEST_CASE("STATUS requires no ranges if the runtime provides them") {
  const Host host;
  const std::string without = newest(R"("ranges": [])", R"("capabilities": {"ipRanges": true})");
  CHECK(host.call(kStatus, without).exit_code == 0);
  CHECK(host.refusal(without).starts_with("7: no IP ranges specified"));
}

TEST_CASE("STATUS reports a store that is not writable, with the reason") {
  const Host host;
  host.directory().write("n", "a file");
  CHECK(host.refusal_of(kStatus, newest(R"("subnet": "10.1.0.0/24")")) ==
        "50: address store " + host.directory().path("n") + " cannot be used: open " + host.directory().path("n") +
            ": Not a directory [ipam.dataDir must be a writable directory]");
}
