#include "apply/handlers/images.h"

#include <algorithm>

#include "apply/handlers/calls.h"
#include "apply/handlers/databases.h"
#include "planner/parameters.h"

namespace tfseal {

Result<std::map<std::string, std::set<std::string>>> ImagesIn(const std::string& repository, const Action& action,
                                                              RunContext& context) {
  TFSEAL_ASSIGN(const JsonValue answer,
                ReadWorld("ecr", "DescribeImages", Object({{"repositoryName", Text(repository)}}), action, context));
  std::map<std::string, std::set<std::string>> images;
  for (const JsonValue& image : answer["imageDetails"]) {
    std::set<std::string>& tags = images[TextOf(image, "imageDigest")];
    for (const JsonValue& tag : image["imageTags"]) tags.insert(tag.asString());
  }
  return images;
}

Result<std::set<std::string>> MissingImages(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const auto from, ImagesIn(TextOf(action.payload, "repository"), action, context));
  TFSEAL_ASSIGN(const auto to, ImagesIn(TextOf(action.payload, "new_repository"), action, context));
  std::set<std::string> missing;
  for (const auto& [digest, tags] : from) {
    const auto copy = to.find(digest);
    const bool complete =
        copy != to.end() && std::includes(copy->second.begin(), copy->second.end(), tags.begin(), tags.end());
    if (!complete) missing.insert(digest);
  }
  return missing;
}

}  // namespace tfseal
