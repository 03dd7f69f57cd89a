#pragma once

#include <span>
#include <string_view>

namespace tfseal::cli {

// A file of the source tree that is part of the binary, so that it works wherever it is copied to.
struct EmbeddedFile {
  std::string_view name;  // up to the first dot
  std::string_view text;
};

// docs/schema, sorted by name.
std::span<const EmbeddedFile> EmbeddedSchemas();
// Captured documents of an example: a state, a plan that flips storage_encrypted, a policy.
std::span<const EmbeddedFile> EmbeddedDemo();

}  // namespace tfseal::cli
