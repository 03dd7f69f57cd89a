#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/in_place.h"

// AWS services that use a key on their own account have to be let in by its policy before the key is set.
namespace tfseal {

// The service principals that Allow statements of a resource policy name, sorted. Empty where it cannot be read: the
// executor reads the live policy again before it sets the key.
std::vector<std::string> ServicesIn(std::string_view policy);

// Plans the statement for one service; returns its id.
std::string GrantToService(InPlaceChanges& changes, const Finding& finding, const KeyChoice& key,
                           const std::string& principal, const std::string& source_arn);

// The same for every service that the policies of a queue or a topic admit. Returns the ids.
std::vector<std::string> GrantToServicesOf(InPlaceChanges& changes, const Finding& finding, const KeyChoice& key,
                                           const std::vector<std::string_view>& policies);

}  // namespace tfseal
