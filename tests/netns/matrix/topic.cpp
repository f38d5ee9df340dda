// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/matrix/topic.h"

namespace test {

Rows operator+(Rows rows, const Rows& more) {
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

std::string Cell::name() const {
  return std::string(row->from) + " to " + row->to + (is_tcp ? ", TCP" : ", UDP") + (is_v4 ? ", IPv4" : ", IPv6");
}

std::vector<Cell> cells(const Topic& topic) {
  std::vector<Cell> all;
  for (const Row& row : topic.rows) {
    for (const bool is_tcp : {true, false}) {
      if (row.protocol != nullptr && std::string(row.protocol) != (is_tcp ? "tcp" : "udp")) continue;
      for (const bool is_v4 : {true, false}) {
        const Cell cell{&row, is_tcp, is_v4};
        if (cell.expected() != kNotTested) all.push_back(cell);
      }
    }
  }
  return all;
}

}  // namespace test
