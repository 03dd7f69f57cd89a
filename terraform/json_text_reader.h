#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "terraform/arena.h"
#include "terraform/block_scan.h"
#include "terraform/value.h"
#include "terraform/value_reader.h"

namespace tfseal::terraform {

// Reads the JSON documents that attributes hold as text: IAM policies, container definitions. Keeps its memory between
// documents, because a plan has thousands of them, each small.
class JsonTextReader {
 public:
  // One object or array, without duplicate keys and without text after it, at most 256 levels deep. `json` is valid
  // UTF-8, as the text of every Value is. The value points into `json` and into the reader: it is valid until the next
  // call. The error says nothing of the content.
  [[nodiscard]] Result<Value> Read(std::string_view json);

 private:
  static constexpr std::uint32_t kDepthMax = 256;
  static constexpr std::size_t kScratchBytesMax = std::size_t{256} << 10U;

  struct Scratch {
    Arena arena;
    ValueReader values = ValueReader::Passing(arena);
    BlockScan scan;
  };

  std::unique_ptr<Scratch> scratch_;
  std::size_t index_room_ = 0;
  std::unique_ptr<std::uint32_t[]> at_;
  std::unique_ptr<std::uint32_t[]> match_;
};

}  // namespace tfseal::terraform
