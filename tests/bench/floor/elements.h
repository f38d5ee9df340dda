// SPDX-License-Identifier: Apache-2.0
// The floor's single transaction: an attachment's elements in table inet footbridge.
#pragma once

#include "tests/bench/floor/attachment.h"

namespace bench {

enum class ElementVerb { add, remove };

void change_elements(int socket, const FloorAttachment& attachment, ElementVerb verb);

}  // namespace bench
