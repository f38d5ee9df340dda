// SPDX-License-Identifier: Apache-2.0
#include "plugins/firewall/passage.h"

#include <cstdint>

namespace firewall {
namespace {

using foreign::Verdict;

enum class End : std::uint8_t { falls_off, accepts, drops };

struct Walk {
  End end = End::falls_off;
  std::size_t at = 0;
};

class Walker {
 public:
  explicit Walker(const std::function<foreign::Effects(const std::string&)>& chain) : chain_(chain) {}

  Walk walk(const std::string& name) {
    const foreign::Effects effects = chain_(name);
    for (std::size_t i = 0; i < effects.size(); ++i) {
      const foreign::Effect& effect = effects[i];
      if (!effect.is_unconditional) {
        may_admit_ = may_admit_ || effect.admits_new;
        continue;
      }
      if (effect.verdict == Verdict::drop) return {End::drops, i};
      if (effect.verdict == Verdict::accept) return {End::accepts, i};
      if (effect.verdict == Verdict::leave) return {};
      if (effect.verdict == Verdict::none) continue;
      const Walk below = descend(effect.target);
      if (below.end != End::falls_off || effect.verdict == Verdict::go_to) return {below.end, i};
    }
    return {};
  }

  [[nodiscard]] bool may_admit() const { return may_admit_; }

 private:
  // Rulesets with that many nested chains are generated. The rest is assumed to accept something.
  static constexpr int kMostChains = 64;

  Walk descend(const std::string& target) {
    if (++chains_ <= kMostChains) return walk(target);
    may_admit_ = true;
    return {};
  }

  const std::function<foreign::Effects(const std::string&)>& chain_;
  int chains_ = 0;
  bool may_admit_ = false;
};

}  // namespace

Passage passage_of(const std::function<foreign::Effects(const std::string& name)>& chain, const std::string& base,
                   bool policy_drops) {
  Walker walker(chain);
  const Walk walk = walker.walk(base);
  Passage passage;
  passage.may_admit = walker.may_admit();
  passage.drops = walk.end == End::drops || (walk.end == End::falls_off && policy_drops);
  if (walk.end == End::drops) passage.at = walk.at;
  return passage;
}

}  // namespace firewall
