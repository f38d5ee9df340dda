// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/element.h"

#include "lib/ruleset/sets.h"

namespace ruleset {
namespace {

std::string line(std::string_view verb, const Element& element, bool with_data) {
  std::string result(verb);
  result += " element " + text(table_family_of(element.set)) + " " + element.set;
  result += " { " + text(element.key);
  if (with_data && !element.comment.empty()) result += " comment \"" + element.comment + "\"";
  if (with_data && !element.data.empty()) result += " : " + text(element.data);
  return result + " }";
}

}  // namespace

std::string text(const AddElement& change) { return line("add", change.element, true); }

std::string text(const RemoveElement& change) { return line("delete", change.element, false); }

}  // namespace ruleset
