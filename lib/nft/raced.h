// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace nft {

// The table changed after the transaction was planned. Nothing was applied: observe and plan again.
class Raced : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace nft
