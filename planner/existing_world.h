#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "terraform/document.h"

namespace tfseal {

// The world as it is, as a state: a state's resources, or what a plan says was there before; and, of a plan, what it
// would create, as planned. Values stay in the arena of `document`, which must live as long.
terraform::Document ExistingWorld(const terraform::Document& document);

// A copy of `world` with changed facts, for the simulation. The original is not touched and must live as long as what
// Build() returns.
class WorldEdit {
 public:
  explicit WorldEdit(const terraform::Document& world);

  // False if there is no such resource.
  bool Set(std::string_view address, const JsonValue& attributes);
  void Add(std::string_view address, std::string_view type, const JsonValue& attributes);
  // The text of an attribute; empty if it is not a known text.
  [[nodiscard]] std::string TextOf(std::string_view address, std::string_view attribute) const;

  terraform::Document Build() &&;

 private:
  terraform::ResourceInstance* Find(std::string_view address);

  terraform::Document edited_;
  std::map<std::string_view, std::size_t, std::less<>> by_address_;
};

// A value as JSON; null for what is unknown, unset or sensitive, also inside lists and maps.
JsonValue ToJson(const terraform::Value& value);

}  // namespace tfseal
