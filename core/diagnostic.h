#pragma once

#include <string>
#include <vector>

namespace tfseal {

// One mistake in a file that a person wrote. A reader collects all of them before it gives up.
struct Diagnostic {
  std::string file;
  int line = 0;    // 1-based; 0: the whole file
  int column = 0;  // 1-based; 0: the whole line
  std::string message;
  std::string hint;  // "did you mean ..." or the fix; may be empty
};

// "file:line:column: message", the form editors and CI systems link.
std::string Render(const Diagnostic& diagnostic);

}  // namespace tfseal
