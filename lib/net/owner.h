// SPDX-License-Identifier: Apache-2.0
// Whose a kernel object is. An attachment is known by network, container and interface name, and everything that is
// made for it carries that triple in a form that an operator can read and that DEL can find without asking anybody.
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

  // "network/containerID/ifname". None of the three can hold a "/", so it reads back.
  [[nodiscard]] std::string text() const;
  static std::optional<Owner> parse(std::string_view text);

  // The alias of the host end, IFLA_IFALIAS: the text, or comment() where the kernel would not take so long a one. While
  // ADD is at work, and for ever when it was killed, " (unfinished)" follows.
  [[nodiscard]] std::string alias() const;
  [[nodiscard]] std::string unfinished_alias() const;

  // An alias read back: whose it is, and whether its ADD came to its end. nullopt for an alias that is not ours.
  struct Alias;
  static std::optional<Alias> parse_alias(std::string_view alias);

  // An alias without " (unfinished)".
  static std::string_view without_state(std::string_view alias);

  // The text in at most 127 bytes, for the comment of an nftables element (nft(8) reads back no more than 128 with the
  // NUL): a longer one keeps its beginning and ends in "#", a hash of the network, "#" and the host end's name, so it is
  // still this owner's alone, and says which network it is of.
  [[nodiscard]] std::string comment() const;

  // Is that an alias (without its state) or a comment of an attachment of that network?
  static bool is_of_network(std::string_view mark, const std::string& network);

  // The host end's name that goes with an alias (without its state) or a comment; nullopt for what is none of ours.
  static std::optional<IfName> host_end_of(std::string_view mark);

  // "veth" and 11 hexadecimal digits of a hash of text(): the name of the host end of a veth pair, and the first name of a
  // link of another kind. The same owner has the same name for ever, whatever process, machine or version of ours asks.
  [[nodiscard]] IfName host_end() const;

  // Is a link of that name and alias (with or without its state) the first link of an attachment? A link that others
  // renamed, or that only copies an alias, is not.
  static bool is_host_end(std::string_view name, std::string_view alias);

  friend auto operator<=>(const Owner&, const Owner&) = default;
};

struct Owner::Alias {
  Owner owner;
  bool is_finished = true;
};

}  // namespace net
