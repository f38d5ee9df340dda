// SPDX-License-Identifier: Apache-2.0
#include "ipam/host-local/resolv_conf.h"

#include <doctest/doctest.h>

using host_local::parse_resolv_conf;
using Words = std::vector<std::string>;

TEST_CASE("resolv.conf is converted to dns") {
  const cni::Dns dns = parse_resolv_conf(R"(
# made by hand
; and by others
nameserver 10.0.0.53  10.0.0.54
	nameserver	fd00::53
domain first.example
domain example.org
search a.example b.example
search c.example
options ndots:5 timeout:1
sortlist 130.155.160.0
)");
  CHECK(dns.nameservers == Words{"10.0.0.53", "fd00::53"});
  CHECK(dns.domain == "example.org");
  CHECK(dns.search == Words{"a.example", "b.example", "c.example"});
  CHECK(dns.options == Words{"ndots:5", "timeout:1"});
}

TEST_CASE("lines without a value and empty files are ignored") {
  CHECK(parse_resolv_conf("").empty());
  CHECK(parse_resolv_conf("nameserver\nsearch \n#nameserver 1.1.1.1\n;domain x\n").empty());
}

TEST_CASE("CRLF and a missing final newline are accepted") {
  CHECK(parse_resolv_conf("nameserver 10.0.0.53\r\ndomain x").nameservers == Words{"10.0.0.53"});
  CHECK(parse_resolv_conf("nameserver 10.0.0.53\r\ndomain x").domain == "x");
}
