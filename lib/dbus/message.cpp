// SPDX-License-Identifier: Apache-2.0
#include "lib/dbus/message.h"

#include <bit>
#include <cstring>
#include <map>
#include <stdexcept>

namespace dbus {
namespace {

constexpr char kOrder = std::endian::native == std::endian::little ? 'l' : 'B';
constexpr char kVersion = 1;
constexpr char kMethodCall = 1;
constexpr char kMethodReturn = 2;
constexpr char kError = 3;
enum Field : char {
  kPath = 1,
  kInterface = 2,
  kMember = 3,
  kErrorName = 4,
  kReplySerial = 5,
  kDestination = 6,
  kSignature = 8
};

constexpr std::size_t kWord = 4;
constexpr std::size_t kStructure = 8;
constexpr std::size_t aligned(std::size_t size, std::size_t to) { return (size + to - 1) / to * to; }

std::invalid_argument malformed() { return std::invalid_argument("malformed D-Bus message"); }

void put_u32(std::string& to, std::uint32_t value) {
  to.resize(aligned(to.size(), kWord));
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& to, const std::string& text) {
  put_u32(to, static_cast<std::uint32_t>(text.size()));
  to.append(text.c_str(), text.size() + 1);
}

void put_signature(std::string& to, const std::string& signature) {
  to += static_cast<char>(signature.size());
  to.append(signature.c_str(), signature.size() + 1);
}

// A structure of a code and a variant. A field begins at a multiple of 8 bytes.
void put_field(std::string& fields, Field code, const std::string& type, const std::string& value) {
  fields.resize(aligned(fields.size(), kStructure));
  fields += static_cast<char>(code);
  put_signature(fields, type);
  if (type == "g") return put_signature(fields, value);
  put_text(fields, value);
}

// Reads consecutive values, never beyond the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool at_end() const { return at_ >= bytes_.size(); }
  void align(std::size_t to) { at_ = aligned(at_, to); }

  std::string take(std::size_t size) {
    if (at_ > bytes_.size() || bytes_.size() - at_ < size) throw malformed();
    std::string result(bytes_.substr(at_, size));
    at_ += size;
    return result;
  }
  char byte() { return take(1)[0]; }
  std::uint32_t u32() {
    align(kWord);
    std::uint32_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return terminated(u32()); }
  std::string signature() { return terminated(static_cast<std::uint8_t>(byte())); }

 private:
  std::string terminated(std::size_t size) {
    std::string text = take(size);
    if (byte() != '\0') throw malformed();
    return text;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

struct Fields {
  std::map<char, std::string> texts;
  std::uint32_t reply_serial = 0;
};

Fields parse_fields(std::string_view bytes) {
  Fields fields;
  Reader reader(bytes);
  for (; !reader.at_end(); reader.align(kStructure)) {
    const char code = reader.byte();
    const std::string type = reader.signature();
    if (type == "u") {
      const std::uint32_t value = reader.u32();
      if (code == kReplySerial) fields.reply_serial = value;
    } else if (type == "s" || type == "o") {
      fields.texts[code] = reader.text();
    } else if (type == "g") {
      fields.texts[code] = reader.signature();
    } else {
      throw malformed();  // a field has no other type
    }
  }
  return fields;
}

std::uint32_t word_at(std::string_view head, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, head.substr(at, sizeof value).data(), sizeof value);
  return value;
}

std::size_t body_size(std::string_view head) { return word_at(head, kWord); }
std::size_t fields_size(std::string_view head) { return word_at(head, 3 * kWord); }

}  // namespace

std::string encode(const Call& call, std::uint32_t serial) {
  std::string body;
  for (const std::string& argument : call.arguments) put_text(body, argument);
  std::string fields;
  put_field(fields, kPath, "o", call.path);
  put_field(fields, kInterface, "s", call.interface);
  put_field(fields, kMember, "s", call.member);
  put_field(fields, kDestination, "s", call.destination);
  if (!call.arguments.empty()) put_field(fields, kSignature, "g", std::string(call.arguments.size(), 's'));
  std::string message{kOrder, kMethodCall, 0, kVersion};
  put_u32(message, static_cast<std::uint32_t>(body.size()));
  put_u32(message, serial);
  put_u32(message, static_cast<std::uint32_t>(fields.size()));
  message += fields;
  message.resize(aligned(message.size(), kStructure));
  return message + body;
}

std::size_t size_of(std::string_view head) {
  if (head.size() < kHeadSize || head[0] != kOrder || head[3] != kVersion) throw malformed();
  if (body_size(head) > kLargestMessage || fields_size(head) > kLargestMessage) throw malformed();
  const std::size_t size = kHeadSize + aligned(fields_size(head), kStructure) + body_size(head);
  if (size > kLargestMessage) throw malformed();
  return size;
}

std::optional<Reply> parse_reply(std::string_view message) {
  if (size_of(message) != message.size()) throw malformed();
  const char type = message[1];
  if (type != kMethodReturn && type != kError) return std::nullopt;
  Fields fields = parse_fields(message.substr(kHeadSize, fields_size(message)));
  Reply reply;
  reply.serial = fields.reply_serial;
  if (type == kError) reply.error = fields.texts[kErrorName].empty() ? "unnamed error" : fields.texts[kErrorName];
  const std::string signature = fields.texts[kSignature];
  Reader body(message.substr(message.size() - body_size(message)));
  if (signature.starts_with('s')) reply.text = body.text();
  if (signature.starts_with('b')) reply.flag = body.u32() != 0;
  return reply;
}

}  // namespace dbus
