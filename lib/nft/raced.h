// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace nft {

// The table is not what it was when the transaction was planned: look again and plan again. Nothing was changed.
class Raced : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace nft
