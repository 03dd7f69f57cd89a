#include <algorithm>

#include "planner/identifiers.h"
#include "planner/parameters.h"
#include "planner/recipe.h"
#include "planner/restore_settings.h"

// R-ECR: a second repository under the key, and the images in it by digest. The layers pass through whoever copies
// them, so that, and naming the new repository wherever images are named, is a person's or a job's; both are checked.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr std::size_t kRepositoryNameMax = 256;

std::string TextIn(const Value& attributes, std::string_view name) {
  return std::string(attributes.Get(name).text());
}

std::vector<std::string> UsersOf(const Site& site, const std::string& url) {
  std::vector<std::string> users;
  const auto names = [&url](std::string_view text) {
    return text.find(url + ":") != std::string_view::npos || text.find(url + "@") != std::string_view::npos ||
           text.find(url + "\"") != std::string_view::npos;
  };
  for (const auto& [type, attribute] :
       {std::pair{"aws_ecs_task_definition", "container_definitions"}, std::pair{"aws_lambda_function", "image_uri"}}) {
    for (const ResourceInstance* user : site.world->OfType(type)) {
      if (names(site.world->AttributesOf(*user).Get(attribute).text())) users.emplace_back(user->address);
    }
  }
  std::sort(users.begin(), users.end());
  return users;
}

JsonValue BlockAfter(const KeyChoice& key) {
  JsonValue blocks(Json::arrayValue);
  blocks.append(Object({{"encryption_type", "KMS"}, {"kms_key", key.key}}));
  return blocks;
}

}  // namespace

RecipePlan PlanRepository(const RecipeRequest& request) {
  const Site& site = request.site;
  const Value& attributes = site.world->AttributesOf(request.instance);
  const std::string name = TextIn(attributes, "name");
  const std::string url = TextIn(attributes, "repository_url");
  if (name.empty() || url.size() <= name.size() + 1) return {true, "the documents do not say its name and address", {}};
  const std::string successor = DerivedName(name, "key", kRepositoryNameMax);
  if (!site.world->Where("aws_ecr_repository", "name", successor).empty()) {
    return {true, "there is a repository " + successor + " already; it may be its successor", {}};
  }
  const std::string registry = url.substr(0, url.size() - name.size() - 1);
  const std::vector<Motive> motives = {MotiveOf(request.finding)};
  const KeyChoice key = request.keys.For(request.instance, request.target, request.place, "", motives);
  const auto add = [&](const ActionKind& kind, const JsonValue& payload, const std::vector<std::string>& needs) {
    return request.draft.Add(kind, request.target, payload, request.place, needs, motives);
  };
  JsonValue payload =
      Object({{"repository", Text(name)},
              {"new_repository", Text(successor)},
              {"key", key.key},
              {"mutability",
               Text(attributes.Get("image_tag_mutability").empty() ? std::string("MUTABLE")
                                                                   : TextIn(attributes, "image_tag_mutability"))},
              {"scan_on_push", attributes.At("image_scanning_configuration[0].scan_on_push").AsBool().value_or(false)},
              {"attributes", Object({{"name", Text(successor)}, {"encryption_configuration", BlockAfter(key)}})}});
  if (const JsonValue tags = TagsOf(attributes); !tags.isNull()) payload["tags"] = tags;
  std::vector<std::string> needs = key.needs;
  needs.push_back(request.open);
  const std::string created = add(kCreateRepository, payload, needs);
  Proves(request, created);
  const JsonValue where =
      Object({{"repository", Text(name)}, {"new_repository", Text(successor)}, {"registry", Text(registry)}});
  const std::string copied = add(kCopyImages, where, {created});
  JsonValue repoint = where;
  repoint["users"] = Texts(UsersOf(site, url));
  const std::string moved = add(kRepointImages, repoint, {copied});
  AnnounceMove(request, "move the images of " + name);

  Succession succession;
  succession.successors.push_back({std::string(request.instance.address), successor});
  for (const std::string_view type : {"aws_ecr_lifecycle_policy", "aws_ecr_repository_policy"}) {
    for (const ResourceInstance* policy : site.world->Where(type, "repository", name)) {
      succession.successors.push_back({std::string(policy->address), successor});
    }
  }
  succession.set = Object({{"name", Text(successor)}, {"encryption_configuration", BlockAfter(key)}});
  succession.identity = Object({{"name", Text(successor)}});
  succession.notes = {name + " is kept and no longer Terraform's; a person deletes it once nothing pulls from it"};
  succession.expected_changes = {"force_delete"};
  return {true, "", {ReconcileSuccession(request, request.target, succession, {moved})}};
}

}  // namespace tfseal
