// SPDX-License-Identifier: Apache-2.0
// main() of every test executable.  The tests in tests/netns need root: without it they are skipped (exit code 77,
// which CTest counts as skipped), and say why. The others have, when they are root's, a /run of their own: some of what they
// test keeps things there, and the machine's is none of a test's business.
#define DOCTEST_CONFIG_IMPLEMENT
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>

#include <doctest/doctest.h>

int main(int argc, char** argv) {
#ifdef FOOTBRIDGE_KERNEL_TEST
  if (geteuid() != 0) {
    std::puts("SKIP: needs root to make network namespaces");
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
