// SPDX-License-Identifier: Apache-2.0
// main() of all test executables. The tests in tests/netns need root; without it they print the reason and exit with
// 77, which CTest counts as skipped. Unit tests that run as root have a private /run, and do not change the machine's.
#define DOCTEST_CONFIG_IMPLEMENT
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>

#include <doctest/doctest.h>

int main(int argc, char** argv) {
#ifdef FOOTBRIDGE_KERNEL_TEST
  if (geteuid() != 0) {
    std::puts("SKIP: needs root to create network namespaces");
    return 77;
  }
#else
  const bool is_apart = geteuid() == 0 && unshare(CLONE_NEWNS) == 0;
  if (is_apart && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) {
    static_cast<void>(mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"));
  }
#endif
  doctest::Context context(argc, argv);
  return context.run();
}
