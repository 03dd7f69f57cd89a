#include "core/diagnostic.h"

#include <fmt/format.h>

namespace tfseal {

std::string Render(const Diagnostic& diagnostic) {
  std::string where = diagnostic.file;
  if (diagnostic.line > 0) where += fmt::format(":{}", diagnostic.line);
  if (diagnostic.line > 0 && diagnostic.column > 0) where += fmt::format(":{}", diagnostic.column);
  return where.empty() ? diagnostic.message : where + ": " + diagnostic.message;
}

}  // namespace tfseal
