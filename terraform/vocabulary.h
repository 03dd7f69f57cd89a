#pragma once

#include <span>
#include <string_view>

// Which names of attributes and blocks speak of encryption, keys, backups and protection, for provider versions that
// nobody has seen yet. The words are in schema/vocabulary.inc.
namespace tfseal::terraform {

// "storage_encrypted", "kms_key_id", "server_side_encryption", ...
bool SpeaksOfProtection(std::string_view name);

// A name whose value is never shown, wherever it stands: passwords, key material, policies, free text.
bool NeverShown(std::string_view name);

// A block that somewhere inside holds such attributes, in the schema of the provider: "root_block_device".
bool HoldsProtection(std::string_view block);

// The security-relevant attributes of AWS provider 5.100.0, sorted by type and path; steps of a path are parted by
// dots.
struct SchemaAttribute {
  std::string_view type;
  std::string_view path;
};
std::span<const SchemaAttribute> AwsSecurityAttributes();

}  // namespace tfseal::terraform
