#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tfseal {

// What is gone when an object of a type is destroyed.
enum class Holds : std::uint8_t { kNothing, kData, kKey, kSecret, kRecoveryPoints };

// What a type is to tfseal. Sources: domain.md sections 1 and 8; AWS provider 5.100.0.
struct ResourceType {
  std::string_view type;
  Holds holds = Holds::kNothing;
  // A settings object that protects another one: destroying it takes the protection away while the other stays.
  std::string_view protects;            // "aws_s3_bucket"; empty if it is none
  std::string_view protects_attribute;  // "bucket"
  // Every change makes a new revision and a replacement is the normal way to change it (task definitions).
  bool revisions = false;
  // Attributes that force a replacement although people expect a change in place; for explanations.
  std::string_view encryption_attribute;  // storage_encrypted
  std::string_view key_attribute;         // kms_key_id
};

// Sorted by type.
std::span<const ResourceType> ResourceTypes();
// nullptr for a type that is not in the catalogue.
const ResourceType* FindResourceType(std::string_view type);

}  // namespace tfseal
