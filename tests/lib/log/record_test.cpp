// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "lib/log/call.h"

using logging::Level;
using logging::Record;
using std::chrono::microseconds;

namespace {

Record record_of_add() {
  Record record;
  record.time = std::chrono::system_clock::time_point(microseconds(1795315732000042));
  record.plugin = "bridge";
  record.verb = "ADD";
  record.owner = "net/c1/eth0";
  record.pid = 77;
  record.add_time("request", microseconds(120));
  record.total = microseconds(3400);
  return record;
}

Record full_record() {
  Record record = record_of_add();
  record.netns = "/run/netns/red";
  record.done.push_back("ip link add cni0 type bridge");
  record.notes.push_back({"no mark is needed", Level::warn});
  record.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  record.failure = {11, "try again", "busy"};
  return record;
}

}  // namespace

TEST_CASE("a successful call is a line with time, owner and microseconds") {
  CHECK(json(record_of_add()) ==
        R"({"time":"2026-11-22T02:48:52.000042Z","level":"info","plugin":"bridge","verb":"ADD","owner":"net/c1/eth0",)"
        R"("pid":77,"done":[],"us":{"request":120,"total":3400},"notes":[]})");
}

TEST_CASE("namespace, actions, notes, trace context and error are in the line if they exist") {
  CHECK(json(full_record()) ==
        R"({"time":"2026-11-22T02:48:52.000042Z","level":"error","plugin":"bridge","verb":"ADD","owner":"net/c1/eth0",)"
        R"("netns":"/run/netns/red","pid":77,"done":["ip link add cni0 type bridge"],)"
        R"("us":{"request":120,"total":3400},"notes":[{"level":"warn","text":"no mark is needed"}],)"
        R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
        R"("error":{"code":11,"msg":"try again","details":"busy"}})");
}

TEST_CASE("the text form has the same order, with bare values first") {
  CHECK(text(full_record()) ==
        "2026-11-22T02:48:52.000042Z error bridge ADD net/c1/eth0 netns=/run/netns/red pid=77 "
        R"(done=["ip link add cni0 type bridge"] us={"request":120,"total":3400} )"
        R"(notes=[{"level":"warn","text":"no mark is needed"}] )"
        "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 "
        R"(error={"code":11,"msg":"try again","details":"busy"})");
}

TEST_CASE("a record with any bytes is one line of JSON") {
  Record record = full_record();
  record.verb = "FLY pid=1\nADD";
  record.netns = std::string("\xff\xfe\0\"\\", 5);
  record.done.push_back("\xc3");
  record.failure->msg = "a\r\nb";
  const auto parsed = nlohmann::json::parse(json(record));
  CHECK(parsed["verb"] == "FLY pid=1\nADD");
  CHECK(parsed["netns"] == std::string("\xef\xbf\xbd\xef\xbf\xbd\0\"\\", 9));
  CHECK(parsed["done"][1] == "\xef\xbf\xbd");
  CHECK(json(record).find('\n') == std::string::npos);
  CHECK(text(record).find('\n') == std::string::npos);
  CHECK(text(record).find(R"( bridge "FLY pid=1\nADD" net/c1/eth0 )") != std::string::npos);
}

TEST_CASE("the times of a stage add up, at its first position") {
  Record record = record_of_add();
  record.add_time("ipam", std::chrono::nanoseconds(1600));
  record.add_time("links", microseconds(20));
  record.add_time("ipam", std::chrono::nanoseconds(1600));
  CHECK(json(record).find(R"("us":{"request":120,"ipam":3,"links":20,"total":3400})") != std::string::npos);
}

TEST_CASE("a line contains 200 actions and notes, and the number of others") {
  Record record = record_of_add();
  for (int i = 0; i < 235; ++i) {
    record.done.push_back("deed " + std::to_string(i));
    record.notes.push_back({"note " + std::to_string(i), Level::info});
  }
  const auto parsed = nlohmann::json::parse(json(record));
  CHECK(parsed["done"].size() == 201);
  CHECK(parsed["done"][199] == "deed 199");
  CHECK(parsed["done"][200] == "and 35 more");
  CHECK(parsed["notes"].size() == 201);
  CHECK(parsed["notes"][200]["text"] == "and 35 more");
}

TEST_CASE("the level is that of the worst event") {
  Record record = record_of_add();
  record.usual = Level::debug;
  CHECK(record.level() == Level::debug);
  record.notes.push_back({"nftables is used", Level::info});
  CHECK(record.level() == Level::debug);
  record.notes.push_back({"no mark", Level::warn});
  CHECK(record.level() == Level::warn);
  record.failure = logging::Failure{};
  CHECK(record.level() == Level::error);
}
