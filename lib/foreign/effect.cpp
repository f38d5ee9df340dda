// SPDX-License-Identifier: Apache-2.0
#include "lib/foreign/effect.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_state.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>

#include <libnftnl/expr.h>

namespace foreign {
namespace {

constexpr std::uint32_t kNewState = XT_STATE_BIT(IP_CT_NEW);  // the same number as nft's NF_CT_STATE_BIT

// True for expressions that never stop the evaluation of a rule.
bool always_continues(std::string_view name) {
  constexpr std::array<std::string_view, 15> kNames{"payload",   "meta",    "ct",   "bitwise", "byteorder",
                                                    "immediate", "counter", "log",  "notrack", "rt",
                                                    "socket",    "numgen",  "hash", "fib",     "exthdr"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::span<const std::uint8_t> bytes_of(const nftnl_expr* expression, std::uint16_t attribute) {
  std::uint32_t size = 0;
  const void* data = nftnl_expr_get(expression, attribute, &size);
  if (data == nullptr) return {};
  return {static_cast<const std::uint8_t*>(data), size};
}

std::string text_of(const nftnl_expr* expression, std::uint16_t attribute) {
  const char* text = nftnl_expr_get_str(expression, attribute);
  return text == nullptr ? "" : text;
}

Verdict verdict_of(std::uint32_t code) {
  switch (static_cast<std::int32_t>(code)) {
    case NF_DROP: return Verdict::drop;
    case NFT_JUMP: return Verdict::jump;
    case NFT_GOTO: return Verdict::go_to;
    case NFT_RETURN: return Verdict::leave;
    case NFT_CONTINUE: return Verdict::none;
    default: return Verdict::accept;  // also verdicts that pass the packet on: NF_QUEUE, NF_STOLEN
  }
}

// Reads a rule's expressions in one pass.
class Reader {
 public:
  void read(const nftnl_expr* expression) {
    const std::string name = text_of(expression, NFTNL_EXPR_NAME);
    if (name == "immediate") return read_immediate(expression);
    if (name == "match") return read_match(expression);
    if (name == "target") return set(verdict_of_target(text_of(expression, NFTNL_EXPR_TG_NAME)));
    if (name == "reject") return set(Verdict::drop);
    if (name == "queue") return set(Verdict::accept);
    if (name == "ct") is_state_ = nftnl_expr_get_u32(expression, NFTNL_EXPR_CT_KEY) == NFT_CT_STATE;
    if (name == "bitwise") read_mask(expression);
    if (always_continues(name)) return;
    effect_.is_unconditional = false;
    if (name == "lookup") read_lookup(expression);
  }

  [[nodiscard]] Effect result() const {
    Effect effect = effect_;
    const bool leads_on = effect.verdict == Verdict::jump || effect.verdict == Verdict::go_to;
    effect.admits_new = (effect.verdict == Verdict::accept || leads_on || has_verdict_map_) && !is_for_known_flows_;
    return effect;
  }

 private:
  void set(Verdict verdict) { effect_.verdict = verdict; }

  void read_immediate(const nftnl_expr* expression) {
    if (nftnl_expr_get_u32(expression, NFTNL_EXPR_IMM_DREG) != NFT_REG_VERDICT) return;
    set(verdict_of(nftnl_expr_get_u32(expression, NFTNL_EXPR_IMM_VERDICT)));
    effect_.target = text_of(expression, NFTNL_EXPR_IMM_CHAIN);
  }

  void read_match(const nftnl_expr* expression) {
    const std::string name = text_of(expression, NFTNL_EXPR_MT_NAME);
    if (is_comment(name)) return;
    effect_.is_unconditional = false;
    if (is_only_for_known_flows(name, bytes_of(expression, NFTNL_EXPR_MT_INFO))) is_for_known_flows_ = true;
  }

  void read_mask(const nftnl_expr* expression) {
    const auto mask = bytes_of(expression, NFTNL_EXPR_BITWISE_MASK);
    if (!is_state_ || mask.size() != sizeof(std::uint32_t)) return;
    std::uint32_t bits = 0;
    std::memcpy(&bits, mask.data(), sizeof bits);
    if ((bits & kNewState) == 0) is_for_known_flows_ = true;
  }

  void read_lookup(const nftnl_expr* expression) {
    if (!nftnl_expr_is_set(expression, NFTNL_EXPR_LOOKUP_DREG)) return;
    if (nftnl_expr_get_u32(expression, NFTNL_EXPR_LOOKUP_DREG) == NFT_REG_VERDICT) has_verdict_map_ = true;
  }

  Effect effect_{Verdict::none, {}, true, false};
  bool is_state_ = false;
  bool is_for_known_flows_ = false;
  bool has_verdict_map_ = false;
};

}  // namespace

bool is_comment(std::string_view match) { return match == "comment"; }

bool is_only_for_known_flows(std::string_view match, std::span<const std::uint8_t> info) {
  if (match == "state" && info.size() >= sizeof(xt_state_info)) {
    xt_state_info state{};
    std::memcpy(&state, info.data(), sizeof state);
    return (state.statemask & kNewState) == 0;
  }
  if (match != "conntrack" || info.size() < sizeof(xt_conntrack_mtinfo3)) return false;
  xt_conntrack_mtinfo3 conntrack{};
  std::memcpy(&conntrack, info.data(), sizeof conntrack);
  const bool is_plain = (conntrack.match_flags & XT_CONNTRACK_STATE) != 0;
  const bool is_inverted = (conntrack.invert_flags & XT_CONNTRACK_STATE) != 0;
  return is_plain && !is_inverted && (conntrack.state_mask & kNewState) == 0;
}

Verdict verdict_of_target(std::string_view name) {
  if (name == "REJECT") return Verdict::drop;
  return name == "NFQUEUE" || name == "QUEUE" ? Verdict::accept : Verdict::none;
}

Effect effect_of(const nftnl_rule* rule) {
  const std::unique_ptr<nftnl_expr_iter, void (*)(nftnl_expr_iter*)> iterator(
      nftnl_expr_iter_create(const_cast<nftnl_rule*>(rule)), nftnl_expr_iter_destroy);  // reads only
  if (!iterator) throw std::bad_alloc();
  Reader reader;
  while (const nftnl_expr* expression = nftnl_expr_iter_next(iterator.get())) reader.read(expression);
  return reader.result();
}

}  // namespace foreign
