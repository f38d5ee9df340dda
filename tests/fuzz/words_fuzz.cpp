// SPDX-License-Identifier: Apache-2.0
// Short texts from outside: addresses, names, CNI_ARGS, marks on links and elements, resolv.conf, options; the first
// byte selects the kind. The text of a parsed value parses back to the same value.
#include <array>

#include "cli/cni/base64.h"
#include "cli/cni/port_option.h"
#include "ipam/host-local/resolv_conf.h"
#include "lib/cni/args.h"
#include "lib/cni/error.h"
#include "lib/cni/version.h"
#include "lib/log/setting.h"
#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/net/owner.h"
#include "lib/net/words.h"
#include "lib/ruleset/condition.h"
#include "plugins/portmap/conditions.h"
#include "plugins/tuning/backup.h"
#include "plugins/tuning/pattern.h"
#include "plugins/tuning/value.h"
#include "tests/fuzz/input.h"

namespace {

template <class Value>
void check_text(const std::string& text, const char* what) {
  const auto value = Value::parse(text);
  if (value) fuzz::require(Value::parse(value->text()) == value, what);
}

void check_prefix(const std::string& text) {
  const auto prefix = net::Prefix::parse(text);
  if (!prefix) return;
  fuzz::require(prefix->contains(prefix->address), "a prefix contains its address");
  fuzz::require(prefix->first() <= prefix->address && prefix->address <= prefix->last(),
                "it is between its first and last address");
  fuzz::require(prefix->network().overlaps(*prefix), "a network overlaps itself");
}

void check_marks(const std::string& text) {
  net::Owner::host_end_of(text);
  net::Owner::is_of_network(text, "n");
  const auto alias = net::Owner::parse_alias(text);
  if (alias) fuzz::require(net::Owner::host_end_of(alias->owner.alias()).has_value(), "an alias names the host end");
  const auto owner = net::Owner::parse(text);
  if (!owner) return;
  constexpr std::size_t kLongestComment = 127;
  fuzz::require(net::Owner::parse(owner->text()) == owner, "an owner is parsed back");
  fuzz::require(owner->comment().size() <= kLongestComment, "a comment is short enough for nft(8)");
  fuzz::require(net::Owner::host_end_of(owner->comment()).has_value(), "a comment names the host end");
  fuzz::require(net::Owner::is_of_network(owner->comment(), owner->network), "a comment belongs to its network");
}

void check_args(const std::string& text) {
  constexpr std::array<std::string_view, 2> kKnown{"IP", "MAC"};
  try {
    cni::value_of(cni::parse_args(text, kKnown), "IP");
  } catch (const cni::Error& error) {
    fuzz::require(error.code() == cni::kBadEnvironment, "invalid CNI_ARGS are an invalid environment");
  }
}

void check_conditions(const std::string& text) {
  std::vector<std::string> tokens;
  for (const std::string_view word : net::words(text)) tokens.emplace_back(word);
  for (const net::Family family : {net::Family::v4, net::Family::v6}) {
    try {
      portmap::parse_conditions("conditions", family, tokens);
    } catch (const cni::Error&) {  // a condition that cannot be translated
    }
    const auto read = ruleset::Conditions::parse(family == net::Family::v4 ? "when4-0" : "when6-0", text);
    if (read)
      fuzz::require(read->comment().size() <= ruleset::Conditions::kLongestText,
                    "a comment is short enough for nft(8)");
  }
}

void check_options(const std::string& text) {
  try {
    cli::parse_port_option(text);
  } catch (const std::invalid_argument&) {  // an invalid option
  }
  const auto bytes = cli::decode_base64(text);
  if (bytes) fuzz::require(cli::encode_base64(*bytes) == text, "decoded base64 is encoded to the same text");
  fuzz::require(cli::decode_base64(cli::encode_base64(text)) == text, "encoded text is decoded");
}

void check_pattern(const std::string& text) {
  try {
    tuning::is_match(tuning::parse_pattern(text), text);
  } catch (const std::invalid_argument&) {  // not supported
  }
}

void check_tuning(const std::string& text) {
  fuzz::require(tuning::is_same_value(text, text), "a value equals itself");
  // The C library expands repetitions and recurses into groups; the administrator writes this list.
  constexpr std::size_t kLongestLine = 256;
  if (text.size() <= kLongestLine && text.find('{') == std::string::npos) check_pattern(text);
  const auto backup = tuning::parse_backup(text);
  if (!backup) return;
  const auto again = tuning::parse_backup(tuning::text(*backup));
  fuzz::require(again && again->previous == backup->previous, "a backup is parsed back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kKinds = 9;
  fuzz::Input input(data, size);
  const std::size_t kind = input.choice(kKinds);
  const std::string text = input.rest_as_text();
  switch (kind) {
    case 0: check_text<net::Address>(text, "an address is parsed back"); break;
    case 1: check_text<net::Prefix>(text, "a prefix is parsed back"), check_prefix(text); break;
    case 2: check_text<net::Mac>(text, "a MAC address is parsed back"); break;
    case 3: check_marks(text); break;
    case 4: check_args(text); break;
    case 5: check_conditions(text); break;
    case 6: host_local::parse_resolv_conf(text), logging::parse_setting(text); break;
    case 7: check_options(text); break;
    default: check_tuning(text); break;
  }
  return 0;
}
