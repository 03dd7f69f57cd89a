#include "policy/coverage.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/json.h"
#include "policy/control.h"
#include "terraform/vocabulary.h"

namespace tfseal {
namespace {

constexpr int kDepthMax = 40;

// The fields of an object type, through lists and sets of it; nullptr for everything else.
const JsonValue* ObjectOf(const JsonValue& type) {
  const JsonValue* at = &type;
  while (at->isArray() && at->size() == 2 && ((*at)[0] == "list" || (*at)[0] == "set")) at = &(*at)[1];
  return at->isArray() && at->size() >= 2 && (*at)[0] == "object" ? &(*at)[1] : nullptr;
}

class SchemaWalk {
 public:
  explicit SchemaWalk(std::string type) : type_(std::move(type)) {}

  void Block(const JsonValue& block, const std::string& prefix, bool inside, int depth) {
    if (!block.isObject() || depth > kDepthMax) return;
    const JsonValue& attributes = block["attributes"];
    for (const std::string& name : attributes.isObject() ? attributes.getMemberNames() : JsonValue::Members()) {
      const JsonValue& attribute = attributes[name];
      if (attribute.isObject() && attribute.isMember("nested_type")) {
        Block(attribute["nested_type"], prefix + name + ".", inside || terraform::SpeaksOfProtection(name), depth + 1);
      } else if (attribute.isObject()) {
        Attribute(prefix, name, attribute["type"], inside, depth);
      }
    }
    const JsonValue& blocks = block["block_types"];
    for (const std::string& name : blocks.isObject() ? blocks.getMemberNames() : JsonValue::Members()) {
      if (!blocks[name].isObject()) continue;
      Block(blocks[name]["block"], prefix + name + ".", inside || terraform::SpeaksOfProtection(name), depth + 1);
    }
  }

  std::set<RelevantAttribute> found;

 private:
  void Attribute(const std::string& prefix, const std::string& name, const JsonValue& type, bool inside, int depth) {
    if (depth > kDepthMax) return;
    const bool speaks = terraform::SpeaksOfProtection(name);
    if (const JsonValue* fields = ObjectOf(type); fields != nullptr && fields->isObject()) {
      for (const std::string& field : fields->getMemberNames()) {
        Attribute(prefix + name + ".", field, (*fields)[field], inside || speaks, depth + 1);
      }
    } else if (speaks || (inside && !terraform::NeverShown(name))) {
      found.insert({type_, prefix + name});
    }
  }

  std::string type_;
};

std::string_view TopLevel(std::string_view path) {
  return path.substr(0, path.find('.'));
}

}  // namespace

std::vector<RelevantAttribute> BuiltInAttributes() {
  std::vector<RelevantAttribute> attributes;
  for (const terraform::SchemaAttribute& each : terraform::AwsSecurityAttributes()) {
    attributes.push_back({std::string(each.type), std::string(each.path)});
  }
  return attributes;
}

Result<std::vector<RelevantAttribute>> ReadProviderSchema(std::string_view text) {
  TFSEAL_ASSIGN(const JsonValue json, ParseJson(text));
  if (!json.isObject() || !json["provider_schemas"].isObject()) {
    return Error{ErrorCode::kInvalidInput, "not the output of `terraform providers schema -json`",
                 "terraform providers schema -json > schema.json"};
  }
  std::vector<RelevantAttribute> attributes;
  for (const std::string& provider : json["provider_schemas"].getMemberNames()) {
    const JsonValue& schema = json["provider_schemas"][provider];
    if (!provider.ends_with("/aws") || !schema.isObject() || !schema["resource_schemas"].isObject()) continue;
    for (const std::string& type : schema["resource_schemas"].getMemberNames()) {
      SchemaWalk walk(type);
      const JsonValue& resource = schema["resource_schemas"][type];
      if (resource.isObject()) walk.Block(resource["block"], "", false, 0);
      attributes.insert(attributes.end(), walk.found.begin(), walk.found.end());
    }
  }
  if (attributes.empty()) {
    return Error{ErrorCode::kInvalidInput, "there is no schema of the AWS provider in it",
                 "run it in a directory that uses hashicorp/aws"};
  }
  return attributes;
}

std::vector<TypeCoverage> CoverageOf(const std::vector<RelevantAttribute>& attributes) {
  std::map<std::string_view, std::set<std::string_view>> reads;
  for (const Control* control : AllControls()) {
    for (const std::string_view type : control->types) {
      reads[type].insert(control->reads.begin(), control->reads.end());
    }
  }
  std::map<std::string, TypeCoverage> by_type;
  for (const RelevantAttribute& attribute : attributes) {
    TypeCoverage& coverage = by_type[attribute.type];
    coverage.type = attribute.type;
    const auto read = reads.find(attribute.type);
    coverage.has_controls = read != reads.end();
    const bool judged = coverage.has_controls && read->second.contains(TopLevel(attribute.path));
    (judged ? coverage.judged : coverage.not_judged).push_back(attribute.path);
  }
  std::vector<TypeCoverage> all;
  for (auto& [type, coverage] : by_type) all.push_back(std::move(coverage));
  return all;
}

}  // namespace tfseal
