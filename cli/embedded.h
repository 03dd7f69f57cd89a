#pragma once

#include <span>
#include <string_view>

namespace tfseal::cli {

// A file of the source tree that is part of the binary, so that it works wherever it is copied to.
struct EmbeddedFile {
  std::string_view name;  // without folder and ending
  std::string_view text;
};

// docs/schema, sorted by name.
std::span<const EmbeddedFile> EmbeddedSchemas();
// fixtures/demo, sorted by name.
std::span<const EmbeddedFile> EmbeddedDemo();

}  // namespace tfseal::cli
