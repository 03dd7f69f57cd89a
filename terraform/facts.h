#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terraform/value.h"

namespace tfseal::terraform {

// What one attribute says about encryption, keys, backups or protection. An attribute that is absent has no fact.
struct Fact {
  std::string path;  // "storage_encrypted", "root_block_device[0].encrypted"; a block that is wholly unknown: its path
  Value value;       // unknown, null, a boolean, a number, a text or a list of those
  bool sensitive = false;  // known, but Terraform marks it or a part of it: its value must not be shown
};

// The facts of one side of a resource, in the order of the document. Only values that are booleans, numbers, or texts
// shaped like identifiers and enumerations are in it; free text, secrets and free-form maps (tags, environment
// variables) are not, whether Terraform marks them sensitive or not. Valid as long as `attributes`.
std::vector<Fact> FactsOf(const Value& attributes);

}  // namespace tfseal::terraform
