#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tfseal::terraform {

// A `resource "type" "name" {` at the top level of a configuration file.
struct BlockHeader {
  std::string type;
  std::string name;
  int line = 0;  // 1-based
};

// Finds the headers of resource blocks in HCL native syntax. Comments, strings, templates, heredocs and nested blocks
// are stepped over; nothing is evaluated. Text that is not HCL gives what was found up to there.
std::vector<BlockHeader> FindResourceBlocks(std::string_view text);

}  // namespace tfseal::terraform
