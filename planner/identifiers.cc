#include "planner/identifiers.h"

#include <vector>

#include "crypto/digest.h"

namespace tfseal {

ArnParts ParseArn(std::string_view arn) {
  ArnParts parts;
  if (!arn.starts_with("arn:")) return parts;
  std::vector<std::string> pieces;
  std::size_t start = 0;
  for (int i = 0; i < 5; ++i) {
    const std::size_t colon = arn.find(':', start);
    if (colon == std::string_view::npos) return parts;
    pieces.emplace_back(arn.substr(start, colon - start));
    start = colon + 1;
  }
  return {pieces[1], pieces[2], pieces[3], pieces[4], std::string(arn.substr(start))};
}

std::string DerivedName(std::string_view original, std::string_view suffix, std::size_t limit) {
  std::string name(original);
  const std::size_t room = limit - suffix.size() - 1;
  if (name.size() > room) {
    // The digest keeps names apart that are equal up to here.
    const std::string digest = ShortDigest(original).substr(0, 6);
    name.resize(room - digest.size() - 1);
    while (name.ends_with('-')) name.pop_back();
    name += "-" + digest;
  }
  while (name.ends_with('-')) name.pop_back();
  return name + "-" + std::string(suffix);
}

std::string ShortDigest(std::string_view seed) {
  return Sha256Hex(seed).substr(0, 8);
}

}  // namespace tfseal
