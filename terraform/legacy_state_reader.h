#pragma once

#include <vector>

#include "terraform/element_reader.h"

namespace tfseal::terraform {

// `modules` of a raw state, version 3, as Terraform 0.11 and earlier wrote it; for facts only.
bool ReadLegacyModules(ReadContext& context, std::vector<ResourceInstance>& into);

}  // namespace tfseal::terraform
