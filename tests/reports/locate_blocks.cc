// Prints "ADDRESS FILE LINE" for every block that --source finds under a directory: what lines_test.py compares with
// what Terraform says.
#include <cstdio>
#include <string>

#include "terraform/source_tree.h"

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  tfseal::terraform::Document document;
  if (!tfseal::terraform::AttachSources(argv[1], document).ok()) return 1;
  std::string lines;
  for (const auto& [address, location] : document.sources) {
    lines += address + ' ' + location.file + ' ' + std::to_string(location.line) + '\n';
  }
  return std::fwrite(lines.data(), 1, lines.size(), stdout) == lines.size() ? 0 : 1;
}
