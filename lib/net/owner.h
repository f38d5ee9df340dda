// SPDX-License-Identifier: Apache-2.0
// The owner of a kernel object: an attachment, identified by network, container and interface name. Each object of an
// attachment carries this triple as text. Operators can read it, and DEL finds the objects without other sources.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/ifname.h"

namespace net {

struct Owner {
  std::string network;
  std::string container_id;
  std::string ifname;  // the interface's name inside the container

  // "network/containerID/ifname". No part can contain a "/", so parsing is unambiguous.
  [[nodiscard]] std::string text() const;
  static std::optional<Owner> parse(std::string_view text);

  // The alias of the host end, IFLA_IFALIAS: the text, or comment() if the text is too long for the kernel. The alias
  // of an unfinished ADD, running or killed, ends in " (unfinished)".
  [[nodiscard]] std::string alias() const;
  [[nodiscard]] std::string unfinished_alias() const;

  // Parses an alias: the owner, and whether its ADD has finished. nullopt for foreign aliases.
  struct Alias;
  static std::optional<Alias> parse_alias(std::string_view alias);

  // An alias without " (unfinished)".
  static std::string_view without_state(std::string_view alias);

  // The text in at most 127 bytes, for the comment of an nftables element (nft(8) reads at most 128 with the NUL). A
  // longer text is cut and ends in "#", a hash of the network, "#" and the host end's name. So it is unique for the
  // owner and still names the network.
  [[nodiscard]] std::string comment() const;

  // Is the mark an alias (without its state) or a comment of an attachment of that network?
  static bool is_of_network(std::string_view mark, const std::string& network);

  // The name of the host end for an alias (without its state) or a comment; nullopt for foreign marks.
  static std::optional<IfName> host_end_of(std::string_view mark);

  // "veth" and 11 hexadecimal digits of a hash of text(): the name of the host end of a veth pair, and the first name
  // of other links. An owner has the same name in every process, on every machine and in every version of Footbridge.
  [[nodiscard]] IfName host_end() const;

  // Is the link of that name and alias (with or without its state) the first link of an attachment? Not if another
  // program renamed the link or copied the alias.
  static bool is_host_end(std::string_view name, std::string_view alias);

  friend auto operator<=>(const Owner&, const Owner&) = default;
};

struct Owner::Alias {
  Owner owner;
  bool is_finished = true;
};

}  // namespace net
