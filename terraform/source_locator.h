#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tfseal::terraform {

// A comment that speaks to tfseal: what stands behind "tfseal:" in `# tfseal:ignore=...`.
struct CommentLine {
  std::string text;
  int line = 0;  // 1-based
};

// A `resource "type" "name" {` at the top level of a configuration file.
struct BlockHeader {
  std::string type;
  std::string name;
  int line = 0;  // 1-based
  // Inside the block, or right above it without an empty line between.
  std::vector<CommentLine> comments;
  std::vector<std::string> dynamic_blocks;  // the labels of its `dynamic "label" {`, not of those in nested blocks
};

// A `module "name" {` at the top level, and what its `source` says if that is a plain string.
struct ModuleHeader {
  std::string name;
  std::string source;
  int line = 0;                       // 1-based
  std::vector<CommentLine> comments;  // as above
};

struct ConfigurationBlocks {
  std::vector<BlockHeader> resources;
  std::vector<ModuleHeader> modules;
  std::vector<CommentLine> strays;  // comments that belong to no resource and no module call
};

// Finds the headers of resource and module blocks in HCL native syntax. Comments, strings, templates, heredocs and
// nested blocks are stepped over; nothing is evaluated. Text that is not HCL gives what was found up to there.
ConfigurationBlocks FindBlocks(std::string_view text);

// The resources alone.
std::vector<BlockHeader> FindResourceBlocks(std::string_view text);

}  // namespace tfseal::terraform
