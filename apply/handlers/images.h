#pragma once

#include <map>
#include <set>
#include <string>

#include "apply/handler.h"

// Images of ECR repositories.
namespace tfseal {

// Tags by digest. kNotFound if there is no such repository.
Result<std::map<std::string, std::set<std::string>>> ImagesIn(const std::string& repository, const Action& action,
                                                              RunContext& context);

// Digests of the payload's repository that its new_repository lacks, or has without a tag.
Result<std::set<std::string>> MissingImages(const Action& action, RunContext& context);

}  // namespace tfseal
