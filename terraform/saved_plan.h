#pragma once

#include <functional>
#include <string>

#include "core/result.h"
#include "terraform/document.h"

namespace tfseal::terraform {

// Reads the JSON that comes out of a file descriptor.
using ReadFromDescriptor = std::function<Result<Document>(int descriptor)>;

// A binary saved plan: its JSON from `terraform` or `tofu show -json`, run in the current directory and, if that fails,
// in the plan's; file and line of every resource from the sources inside. Gives up if
// nothing comes within ten minutes.
Result<Document> ReadSavedPlan(const std::string& path, const ReadFromDescriptor& read);

}  // namespace tfseal::terraform
