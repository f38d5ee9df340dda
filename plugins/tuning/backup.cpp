// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/backup.h"

#include <limits>
#include <stdexcept>

#include "lib/cni/fields.h"

namespace tuning {
namespace {

// The format of Go's encoder: indented by one space, no newline at the end.
class Text {
 public:
  void add(std::string_view key, const std::string& value) {
    text_ += (text_.empty() ? "{\n \"" : ",\n \"") + std::string(key) + "\": " + value;
  }
  [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : text_ + "\n}"; }

 private:
  std::string text_;
};

std::string quoted(const std::string& plain) {
  return cni::Json(plain).dump(-1, ' ', false, cni::Json::error_handler_t::replace);
}

std::string word(bool value) { return value ? "true" : "false"; }

std::optional<std::uint32_t> number_of(const cni::Fields& fields, std::string_view key) {
  const auto number = fields.number(key, 0, std::numeric_limits<std::uint32_t>::max());
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

// Ignores a value that cannot be parsed.
template <typename Read>
void read_if_possible(const Read& read) {
  try {
    read();
  } catch (const cni::Error&) {  // NOLINT(bugprone-empty-catch): a value of the wrong type counts as missing
  }
}

Attributes parse_previous(const cni::Fields& fields) {
  Attributes previous;
  read_if_possible([&] { previous.mac = net::Mac::parse(fields.text_or("mac", "")); });
  read_if_possible([&] {
    if (fields.has("promisc")) previous.promiscuous = fields.flag("promisc");
  });
  read_if_possible([&] { previous.mtu = number_of(fields, "mtu"); });
  read_if_possible([&] {
    if (fields.has("allmulti")) previous.all_multicast = fields.flag("allmulti");
  });
  read_if_possible([&] { previous.tx_queue_length = number_of(fields, "txQLen"); });
  if (previous.mtu == 0U) previous.mtu.reset();
  return previous;
}

void parse_identity(const cni::Fields& fields, Backup& into) {
  const auto identity = fields.object("footbridge");
  if (!identity) return;
  into.owner = net::Owner::parse(identity->text_or("owner", ""));
  const auto netns = identity->number("netns", 0, std::numeric_limits<std::int64_t>::max());
  const auto index = identity->number("index", 1, std::numeric_limits<std::int32_t>::max());
  if (netns && index) into.link = LinkId{static_cast<std::uint64_t>(*netns), static_cast<std::uint32_t>(*index)};
}

}  // namespace

std::string text(const Backup& backup) {
  const Attributes& previous = backup.previous;
  Text text;
  if (previous.mac) text.add("mac", quoted(previous.mac->text()));
  if (previous.promiscuous) text.add("promisc", word(*previous.promiscuous));
  if (previous.mtu) text.add("mtu", std::to_string(*previous.mtu));
  if (previous.all_multicast) text.add("allmulti", word(*previous.all_multicast));
  if (previous.tx_queue_length) text.add("txQLen", std::to_string(*previous.tx_queue_length));
  if (backup.owner && backup.link) {
    text.add("footbridge", "{\"owner\": " + quoted(backup.owner->text()) +
                               ", \"netns\": " + std::to_string(backup.link->netns) +
                               ", \"index\": " + std::to_string(backup.link->index) + "}");
  }
  return text.text();
}

std::optional<Backup> parse_backup(std::string_view text) {
  try {
    const cni::Json json = cni::parse_json(text);
    const cni::Fields fields(json);
    Backup backup;
    backup.previous = parse_previous(fields);
    read_if_possible([&] { parse_identity(fields, backup); });
    return backup;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace tuning
