// SPDX-License-Identifier: Apache-2.0
// Two owners of addresses, for the tests of the store.
#pragma once

#include "lib/ipam/store.h"

inline const ipam::Holder kRed{"red", "eth0"};
inline const ipam::Holder kBlue{"blue", "eth0"};
