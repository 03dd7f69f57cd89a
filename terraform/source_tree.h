#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/result.h"
#include "terraform/document.h"

namespace tfseal::terraform {

using SourceLocations = std::map<std::string, SourceLocation, std::less<>>;

// Adds the resource and module blocks of one file. `module_key` is Terraform's name for the module that it is of
// ("db.replica", empty for the root), `directory` where that module is, relative to the root module.
void AddBlocks(std::string_view module_key, std::string_view directory, std::string_view file, std::string_view text,
               SourceLocations& locations);

// Where the blocks of a document stand that does not tell itself, from the root module in `directory`: by
// .terraform/modules/modules.json where `terraform init` has run, else by following `source = "./..."`. A document that
// already knows (a saved plan) keeps its lines. In both cases file names start with `directory` afterwards, as seen
// from where the user stands. An error if the directory has no configuration.
Status AttachSources(const std::string& directory, Document& document);

}  // namespace tfseal::terraform
