#include "terraform/json_text_reader.h"

#include "terraform/json_slice.h"
#include "terraform/json_text.h"
#include "terraform/slicer.h"

namespace tfseal::terraform {

Result<Value> JsonTextReader::Read(std::string_view json) {
  static const BlockScanFunction scan_blocks = ChooseBlockScan();
  const Error invalid{ErrorCode::kInvalidInput, "not a JSON object or list", ""};
  while (!json.empty() && IsBlank(json.front())) json.remove_prefix(1);
  while (!json.empty() && IsBlank(json.back())) json.remove_suffix(1);
  if (json.empty() || (json.front() != '{' && json.front() != '[') || json.size() > UINT32_MAX) return invalid;
  if (scratch_ == nullptr || scratch_->arena.bytes() > kScratchBytesMax) scratch_ = std::make_unique<Scratch>();
  if (index_room_ < json.size() + 128) {
    index_room_ = json.size() * 2 + 128;
    at_.reset(new std::uint32_t[index_room_]);
    match_.reset(new std::uint32_t[index_room_]);
  }
  BlockScan& scan = scratch_->scan;
  scan.done = 0;
  scan.at = at_.get();
  scan.match = match_.get();
  scan.room = index_room_;
  scan.entries = 0;
  scan.depth = 0;
  scan.depth_max = kDepthMax;
  scan.in_string = 0;
  scan.escaped = 0;
  scan.backslashes = false;
  if (scan_blocks(json.data(), json.size(), true, scan) != ScanEnd::kClosed || scan.done != json.size()) return invalid;
  const JsonSlice slice{json.data(), json.size(), at_.get(), match_.get(), scan.entries, 0, !scan.backslashes};
  SliceReader reader(slice, scratch_->arena);
  const Value value = scratch_->values.Read(reader, reader.root());
  if (reader.failed()) return invalid;
  return value;
}

}  // namespace tfseal::terraform
