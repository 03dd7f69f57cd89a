// Any bytes are read or refused, never more: no crash, no endless run, and what was read can be walked to the leaf.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/check.h"
#include "terraform/document_reader.h"
#include "terraform/read.h"

namespace {

using tfseal::terraform::ByteSource;
using tfseal::terraform::Document;
using tfseal::terraform::Interest;
using tfseal::terraform::Member;
using tfseal::terraform::ResourceInstance;
using tfseal::terraform::Value;

std::size_t CountLeaves(const Value& value) {
  std::size_t leaves = value.text().size() + 1;
  for (const Value& item : value.items()) leaves += CountLeaves(item);
  for (const Member& member : value.members()) leaves += member.key.size() + CountLeaves(member.value);
  return leaves;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const auto whole = tfseal::terraform::ReadDocumentFromMemory(bytes, "input", Interest::Everything());
  // The same in small pieces: where the reads end must not matter.
  ByteSource source = ByteSource::FromMemory(bytes, "input", 7);
  const auto pieces = tfseal::terraform::ReadDocumentFrom(source, "input", Interest::Everything());
  TFSEAL_CHECK(whole.ok() == pieces.ok());
  if (!whole.ok()) {
    TFSEAL_CHECK(!whole.error().message.empty() && whole.error().message.size() < 100000 + size);
    return 0;
  }
  TFSEAL_CHECK(whole->resources.size() == pieces->resources.size());
  std::size_t leaves = 0;
  for (const ResourceInstance& resource : whole->resources) {
    TFSEAL_CHECK(!resource.address.empty());
    leaves += CountLeaves(resource.before) + CountLeaves(resource.after);
  }
  const auto some = tfseal::terraform::ReadDocumentFromMemory(
      bytes, "input", Interest::Only({"aws_kms_key", "aws_rds_cluster"}, {"arn", "kms_key_id", "storage_encrypted"}));
  TFSEAL_CHECK(!some.ok() || some->resources.size() <= whole->resources.size());
  return leaves == SIZE_MAX ? 1 : 0;
}
