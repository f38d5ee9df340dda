// SPDX-License-Identifier: Apache-2.0
#include "lib/net/words.h"

#include <doctest/doctest.h>

using Views = std::vector<std::string_view>;

TEST_CASE("words are separated by any white space") {
  CHECK(net::words("nameserver 192.0.2.1") == Views{"nameserver", "192.0.2.1"});
  CHECK(net::words(" \ta\v\fb\r\n") == Views{"a", "b"});
  CHECK(net::words("one") == Views{"one"});
  CHECK(net::words("").empty());
  CHECK(net::words(" \n ").empty());
}

TEST_CASE("a line ends at a newline or at the end of the text") {
  CHECK(net::lines("a\nb c\n") == Views{"a", "b c"});
  CHECK(net::lines("a\n\nb") == Views{"a", "", "b"});
  CHECK(net::lines("\n") == Views{""});
  CHECK(net::lines("").empty());
}
