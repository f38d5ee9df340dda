#include "lib/nft/admin.h"

#include "lib/nft/home.h"
#include "lib/nft/skeleton.h"

namespace nft {

std::string text(const AddAdminChain& change) {
  return "add chain " + text(Home::inet) + " " + change.name + " { comment \"" + std::string(kAdminComment) +
         "\"; }; add rule " + text(Home::inet) + " " + kAdminChains + " jump " + change.name;
}

}  // namespace nft
