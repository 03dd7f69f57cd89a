#pragma once

#include <map>
#include <string>

#include "core/result.h"
#include "terraform/document.h"

// The binary saved plan is a zip: `tfplan` and `tfstate` in forms of their own, and the configuration that was planned,
// tfconfig/m-<module path>/<file>, with a map of the modules in tfconfig/modules.json.
namespace tfseal::terraform {

// Whether the file is a zip. False for what cannot be opened or is no regular file.
bool IsSavedPlan(const std::string& path);

struct SavedPlanSources {
  // By address without instance keys: "module.db.aws_rds_cluster.this" -> modules/db/main.tf:12.
  std::map<std::string, SourceLocation, std::less<>> locations;
  bool opentofu = false;  // the lock file in it names OpenTofu's registry
};

// Reads nothing but the sources, each at most 4 MiB and all of them at most 64 MiB; what is beyond is left out. A zip
// without `tfplan` is an error.
Result<SavedPlanSources> ReadSavedPlanSources(const std::string& path);

}  // namespace tfseal::terraform
