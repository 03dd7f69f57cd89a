#pragma once

#include <string_view>

#include "terraform/source_locator.h"

namespace tfseal::terraform {

// The same for a configuration in JSON syntax (.tf.json). A block stands at its opening brace, or at the bracket
// of a list of bodies, which is where Terraform says that it was declared. JSON has no comments: a property "//", which
// Terraform passes over, speaks to tfseal if its text, or one of its texts, starts with "tfseal:". Text that is not
// JSON gives what was found up to there.
ConfigurationBlocks FindJsonBlocks(std::string_view text);

}  // namespace tfseal::terraform
