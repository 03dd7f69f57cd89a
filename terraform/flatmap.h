#pragma once

#include <string_view>

#include "terraform/interest.h"
#include "terraform/json_slice.h"
#include "terraform/value.h"
#include "terraform/value_reader.h"

namespace tfseal::terraform {

// The attributes of an object as Terraform 0.11 and earlier stored them, {"ebs_block_device.#": "1",
// "ebs_block_device.42.encrypted": "true", "tags.%": "1", "tags.a.b": "c"}, in the shape they have today. Every scalar
// stays a string; null and absent cannot be told apart there.
Value ReadFlatmap(SliceReader& reader, const JsonNode& object, const Interest& interest, ValueReader& values);

}  // namespace tfseal::terraform
