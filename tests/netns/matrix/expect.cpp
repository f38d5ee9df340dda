// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/matrix/expect.h"

#include <doctest/doctest.h>

namespace test {

void expect(const std::vector<Topic>& topics, std::size_t at_least) {
  Scene scene;
  std::size_t cells = 0;
  for (const Topic& topic : topics) {
    if (topic.has_br_netfilter && !scene.has_br_netfilter()) {
      MESSAGE("SKIP: this kernel has no br_netfilter: ", std::string(topic.name));
      continue;
    }
    const Verdict verdict = scene.run(topic);
    for (const std::string& defect : verdict.defects) FAIL_CHECK(defect);
    cells += verdict.cells;
  }
  MESSAGE(cells, " cells");
  CHECK(cells >= at_least);
}

}  // namespace test
