#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace tfseal {

class World;

// Terraform prints neither dynamic blocks nor locals. But relevant_attributes lists what the changes of a plan were
// made from, whoever refers to it. Something that is known only after apply, is relevant, and gets into a module where
// nothing that is printed uses it, is used there by something that is not: a dynamic block may be made from it, or a
// local that nothing printed uses. What is also used by something printed in the same module gives no such sign, and
// where something printed uses a local, that is taken for the use.
class HiddenUses {
 public:
  explicit HiddenUses(const World& world);

  // Whether there is such a use in a module: "module.a.module.b" for all of its instances, empty for the root.
  [[nodiscard]] bool In(std::string_view module_path) const { return modules_.contains(module_path); }

 private:
  std::set<std::string, std::less<>> modules_;
};

}  // namespace tfseal
