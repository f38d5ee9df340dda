// main() of every test executable.  The tests in tests/netns need root: without it they are skipped (exit code 77,
// which CTest counts as skipped), and say why.
#define DOCTEST_CONFIG_IMPLEMENT
#include <unistd.h>

#include <cstdio>

#include <doctest/doctest.h>

int main(int argc, char** argv) {
#ifdef FOOTBRIDGE_KERNEL_TEST
  if (geteuid() != 0) {
    std::puts("SKIP: needs root to make network namespaces");
    return 77;
  }
#endif
  doctest::Context context(argc, argv);
  return context.run();
}
