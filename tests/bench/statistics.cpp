// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace bench {
namespace {

double rounded(double value) {
  constexpr double kDigits = 1000;
  return std::round(value * kDigits) / kDigits;
}

// The smallest value that at least `which` (0 to 1) of all values do not exceed.
double quantile(std::vector<double> values, double which) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(which * static_cast<double>(values.size())));
  return values.at(std::max<std::size_t>(rank, 1) - 1);
}

double mean(std::vector<double>::const_iterator begin, std::vector<double>::const_iterator end) {
  return std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin);
}

}  // namespace

void Measured::add(Turn turn) {
  for (Operation& operation : turn.operations) operations.push_back(std::move(operation));
  wall_ms += turn.wall_ms;
  left_ms += turn.left_ms;
}

int Measured::failures() const {
  return static_cast<int>(
      std::count_if(operations.begin(), operations.end(), [](const Operation& one) { return one.is_failed(); }));
}

Json describe(const std::string& verb, const Measured& measured, bool is_at_once) {
  std::vector<double> times;
  double cpu_ms = measured.left_ms;
  long peak_rss = 0;
  for (const Operation& one : measured.operations) {
    times.push_back(one.ms);
    cpu_ms += one.cpu_ms + one.left_ms;
    peak_rss = std::max(peak_rss, one.peak_rss);
  }
  const auto calls = static_cast<double>(measured.operations.size());
  Json result{{"verb", verb}, {"calls", measured.operations.size()}, {"failures", measured.failures()}};
  const auto tenth = std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(times.size()) / 10);
  const double busy_ms = is_at_once ? measured.wall_ms : std::accumulate(times.begin(), times.end(), 0.0);
  result["p50_ms"] = rounded(quantile(times, 0.5));
  result["p99_ms"] = rounded(quantile(times, 0.99));
  result["first_tenth_ms"] = rounded(mean(times.begin(), times.begin() + tenth));
  result["last_tenth_ms"] = rounded(mean(times.end() - tenth, times.end()));
  result["cpu_ms"] = rounded(cpu_ms / calls);
  result["peak_rss_kib"] = peak_rss;
  result["per_s"] = rounded(static_cast<double>(times.size()) * 1000 / busy_ms);
  return result;
}

}  // namespace bench
