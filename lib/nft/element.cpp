#include "lib/nft/element.h"

namespace nft {
namespace {

std::string line(std::string_view verb, const Element& element, bool whole) {
  std::string result(verb);
  result += " element " + text(set_named(element.set).home) + " ";
  result += element.set;
  result += " { " + text(element.key);
  if (whole && !element.comment.empty()) result += " comment \"" + element.comment + "\"";
  if (whole && !element.data.empty()) result += " : " + text(element.data);
  return result + " }";
}

}  // namespace

std::string text(const AddElement& change) { return line("add", change.element, true); }

std::string text(const RemoveElement& change) { return line("delete", change.element, false); }

}  // namespace nft
