#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"

namespace tfseal {

// A YAML document as text with positions: what a scalar means is decided by whoever knows the field, so that an
// account number never loses its leading zero.
struct YamlNode {
  enum class Kind : unsigned char { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text;             // of a scalar
  bool quoted = false;          // of a scalar: written in quotes, so it is text and nothing else
  int line = 0;                 // 1-based
  int column = 0;               // 1-based
  std::vector<YamlNode> keys;   // of a map: scalars, parallel to items
  std::vector<YamlNode> items;  // of a list or a map
};

struct YamlDocument {
  YamlNode root;
  // Empty if all is well. With `readable`, mistakes that leave the rest of the document meaningful (duplicate keys).
  std::vector<Diagnostic> mistakes;
  bool readable = true;
};

// Reads exactly one YAML document. Syntax errors, a second document, duplicate keys, keys that are not scalars, nesting
// deeper than 32 and more than 20,000 nodes after aliases are expanded are mistakes. No value is repeated in them.
YamlDocument ParseYaml(std::string_view text, const std::string& path);

}  // namespace tfseal
