// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/value.h"

#include <doctest/doctest.h>

using tuning::is_same_value;

TEST_CASE("white space of any kind and length separates values") {
  CHECK(is_same_value("4096 131072 6291456", "4096\t131072\t6291456"));
  CHECK(is_same_value(" cubic\n", "cubic"));
  CHECK(is_same_value("", ""));
  CHECK(!is_same_value("4096 131072", "4096\t131072\t6291456"));
  CHECK(!is_same_value("cubic", "reno"));
}

TEST_CASE("a number may be hexadecimal, octal or decimal") {
  CHECK(is_same_value("0x10", "16"));
  CHECK(is_same_value("010", "8"));
  CHECK(is_same_value("-1", "-1"));
  CHECK(is_same_value("0", "0"));
  CHECK(!is_same_value("10", "8"));
  CHECK(!is_same_value("1", "-1"));
  CHECK(!is_same_value("0x", "0"));
  CHECK(!is_same_value("--1", "1"));
}

TEST_CASE("a list of ports may be written with different ranges") {
  CHECK(is_same_value("8080,8081,9000", "8080-8081,9000"));
  CHECK(is_same_value("9000,8080-8081", "8080-8081,9000"));
  CHECK(!is_same_value("8080,8082", "8080-8082"));
  CHECK(!is_same_value("8080,", "8081"));
  CHECK(is_same_value("0,9223372036854775807", "9223372036854775807,0"));
  CHECK(!is_same_value("a,b", "b,a"));
}

TEST_CASE("an IPv6 address may be written in short or long form") {
  CHECK(is_same_value("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"));
  CHECK(!is_same_value("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0002"));
}
