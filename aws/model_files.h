#pragma once

#include <span>
#include <string_view>

namespace tfseal::aws {

// One file of aws/model, as it is in the source tree.
struct EmbeddedFile {
  std::string_view name;  // up to the first dot: the service
  std::string_view text;
};

std::span<const EmbeddedFile> ModelFiles();

}  // namespace tfseal::aws
