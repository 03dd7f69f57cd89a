#include "aws/environment.h"

namespace tfseal::aws {

std::string FirstSet(const Environment& environment, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return "";
}

}  // namespace tfseal::aws
