#include "policy/finding.h"

#include <algorithm>

namespace tfseal {

// A large plan has hundreds of thousands of them.
static_assert(sizeof(Finding) <= 80);

std::string FewTexts::Pack(const std::vector<std::string>& texts) {
  std::string packed;
  for (const std::string& text : texts) {
    const std::size_t start = packed.size();
    packed += text;
    std::replace(packed.begin() + static_cast<std::ptrdiff_t>(start), packed.end(), '\0', ' ');
    packed += '\0';
  }
  return packed;
}

}  // namespace tfseal
