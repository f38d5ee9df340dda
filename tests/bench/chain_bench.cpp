// The time of ADD and DEL of bridge + host-local + portmap with one published port, sequentially, one process per plugin and
// verb as runtimes do it. The sides take turns within one run, each on hosts of its own, and the ratios are the result.
//
//   bench_chain ROUNDS CONTAINERS NAME=FOLDER[,BACKEND] ...
//
// A side is a folder of plugins (side.h). The first side is the one that the others are compared with. Prints a Markdown
// table.
#include <cstdio>
#include <exception>

#include "tests/bench/side.h"

namespace {

using bench::Side;

void run_round(Side& side, int containers) {
  test::Host host;
  std::vector<std::string> published;
  const auto id_of = [](int i) { return "c" + std::to_string(i); };
  for (int i = 0; i < containers; ++i) host.add_netns(id_of(i));
  for (int i = 0; i < containers; ++i) {
    measure(side, "ADD", [&] { published.push_back(attach(side, id_of(i), 10000 + i)); });
  }
  for (int i = 0; i < containers; ++i) {
    measure(side, "DEL", [&] { detach(side, id_of(i), published[static_cast<std::size_t>(i)]); });
  }
}

void print(const std::vector<Side>& sides) {
  std::printf("| side | verb | p50 ms | p99 ms | p50 / %s's | failed calls |\n|---|---|---|---|---|---|\n",
              sides.front().name.c_str());
  for (const char* verb : {"ADD", "DEL"}) {
    const double first = bench::quantile(sides.front().measured.at(verb), 0.5);
    for (const Side& side : sides) {
      const auto& values = side.measured.at(verb);
      const double median = bench::quantile(values, 0.5);
      const auto failed = side.failures.find(verb);
      std::printf("| %s | %s | %.1f | %.1f | %.1f | %d |\n", side.name.c_str(), verb, median,
                  bench::quantile(values, 0.99), median / first, failed == side.failures.end() ? 0 : failed->second);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::fprintf(stderr, "usage: bench_chain ROUNDS CONTAINERS NAME=FOLDER[,BACKEND] ...\n");
    return 2;
  }
  try {
    const int rounds = std::stoi(arguments[0]);
    const int containers = std::stoi(arguments[1]);
    std::vector<Side> sides;
    for (std::size_t i = 2; i < arguments.size(); ++i) sides.push_back(bench::parse_side(arguments[i]));
    for (int round = 0; round < rounds; ++round) {
      for (Side& side : sides) run_round(side, containers);
    }
    std::printf("%d rounds of %d containers a side, one after the other\n\n", rounds, containers);
    print(sides);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_chain: %s\n", error.what());
    return 1;
  }
}
