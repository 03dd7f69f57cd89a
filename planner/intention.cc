#include "planner/intention.h"

#include <algorithm>

#include "planner/database.h"
#include "planner/identifiers.h"
#include "planner/in_place.h"
#include "planner/parameters.h"
#include "planner/terraform_repair.h"
#include "policy/gate.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

bool IsKeyPath(std::string_view path) {
  return path == "kms_key_id" || path == "kms_key_arn";
}

bool OnlyAboutStorage(const Destroyed& destroyed) {
  return !destroyed.paths.empty() &&
         std::all_of(destroyed.paths.begin(), destroyed.paths.end(),
                     [](const std::string& path) { return IsKeyPath(path) || path == "storage_encrypted"; });
}

const ResourceInstance* Current(const terraform::Document& document, std::string_view address) {
  for (const ResourceInstance& instance : document.resources) {
    if (instance.address == address && instance.rare->deposed.empty()) return &instance;
  }
  return nullptr;
}

// The key that the after side names: its ARN, or the address of a key that the same plan creates.
void ReadWantedKey(const terraform::Document& document, const World& after, const ResourceInstance& instance,
                   Intention& intention) {
  const std::string attribute = instance.type == "aws_neptune_cluster" ? "kms_key_arn" : "kms_key_id";
  const std::string address(instance.address);
  const Value key = instance.after.Get(attribute);
  if (key.known() && !key.empty()) {
    intention.wanted_keys[address] = std::string(key.text());
    return;
  }
  intention.wanted_keys[address] = {};
  for (const Origin::Target& target : after.OriginOf(instance, attribute).targets) {
    if (target.type != "aws_kms_key") continue;
    for (const ResourceInstance& candidate : document.resources) {
      if (WithoutInstanceKeys(candidate.address) != target.address) continue;
      const Value arn = candidate.before.Get("arn");
      if (arn.known() && !arn.empty()) {
        intention.wanted_keys[address] = std::string(arn.text());
      } else {
        intention.key_to_come[address] = std::string(candidate.address);
      }
      return;
    }
  }
}

void ReadReplacement(const terraform::Document& document, const World& after, const Destroyed& destroyed,
                     const std::vector<Finding>& findings, Intention& intention, Draft& draft) {
  const ResourceInstance* instance = Current(document, destroyed.address);
  const bool database = IsCluster(destroyed.type) || IsDatabaseInstance(destroyed.type);
  const bool moves = instance != nullptr && database && destroyed.cls == "replace_data_loss" &&
                     OnlyAboutStorage(destroyed) && instance->has_after() &&
                     instance->after.Get("storage_encrypted").AsBool() != false;
  if (!moves) {
    draft.AddNote("the Terraform plan would destroy " + destroyed.address + " (" + destroyed.cls +
                  "): do not apply it; this plan keeps it");
    return;
  }
  ReadWantedKey(document, after, *instance, intention);
  if (instance->before.Get("storage_encrypted").AsBool() != true) return;  // it fails by itself
  const std::string& wanted = intention.wanted_keys[destroyed.address];
  const Value key_now = instance->before.Get(instance->type == "aws_neptune_cluster" ? "kms_key_arn" : "kms_key_id");
  const bool other_key = wanted.find(":key/") != std::string::npos && wanted != key_now.text();
  if (!other_key && !intention.key_to_come.contains(destroyed.address)) {
    // The same key by another name, or a line that was dropped: nothing has to move.
    intention.wanted_keys.erase(destroyed.address);
    draft.AddNote("the Terraform plan would replace " + destroyed.address + " (" + destroyed.reason +
                  "): set storage_encrypted = true and the key by its key ARN, as it is now, and it stays as it is");
    return;
  }
  Finding finding;
  finding.control = "TFS-GATE-001";
  finding.topic = Topic::kDataLoss;
  finding.verdict = Verdict::kFail;
  finding.required = true;
  finding.address = destroyed.address;
  finding.type = destroyed.type;
  finding.message = destroyed.reason;
  for (const Finding& candidate : findings) {
    if (candidate.address == destroyed.address && candidate.control == finding.control) finding = candidate;
  }
  intention.rekeys.push_back(finding);
}

}  // namespace

Intention IntentionOf(const terraform::Document& document, const PolicyFile& policy, UnixSeconds now, Draft& draft) {
  Intention intention;
  if (document.kind != terraform::DocumentKind::kPlan) return intention;
  const World after(document, Side::kAfter);
  for (const ResourceInstance& instance : document.resources) {
    if (!instance.has_before() && instance.has_after() && instance.rare->deposed.empty()) {
      intention.created.emplace(instance.address);
    }
  }
  if (document.errored == true) {
    draft.AddNote("the Terraform plan is errored; what exists is planned for, what it means to do may be incomplete");
  }
  const GateReport gate = Gate(document, policy, now);
  for (const Destroyed& destroyed : gate.destroys) {
    if (!destroyed.deposed) ReadReplacement(document, after, destroyed, gate.findings, intention, draft);
  }
  for (const Finding& finding : gate.findings) {
    const bool caused = finding.cause == Cause::kCaused || finding.cause == Cause::kWorsened;
    if (finding.verdict == Verdict::kFail && finding.required && !finding.waived && caused &&
        finding.topic != Topic::kDataLoss && !intention.created.contains(finding.address)) {
      const Site meant{0, &document, &document, &after, &policy, {}};
      intention.weakened.push_back({finding.address, JudgementBehind(meant, finding).attribute, finding.message});
    }
  }
  return intention;
}

std::vector<std::string> NotesOn(const Intention& intention, const std::vector<Action>& actions) {
  std::vector<std::string> notes;
  for (const auto& [address, attribute, message] : intention.weakened) {
    // Of a block an action sets the whole.
    const std::string argument = attribute.substr(0, attribute.find_first_of(".["));
    const JsonValue* set = nullptr;
    for (const Action& action : actions) {
      for (const Effect& effect : action.effects) {
        if (effect.address != address || argument.empty() || !effect.attributes.isMember(argument)) continue;
        set = &effect.attributes[argument];
      }
    }
    std::string advice = "keep the argument as it is";
    if (set != nullptr && (set->isObject() || set->isArray())) {
      advice = "write " + argument + " as this plan sets it instead";
    } else if (set != nullptr) {
      advice = "write " + argument + " = " + HclValue(*set) + " instead, as this plan sets it";
    }
    notes.push_back("the Terraform plan would weaken " + address + " (" + message + "): " + advice);
  }
  return notes;
}

bool PlanBeforeCreation(InPlaceChanges& changes, const Finding& finding) {
  const std::string attribute = JudgementBehind(changes.site(), finding).attribute;
  const bool top_level = !attribute.empty() && attribute.find_first_of(".[") == std::string::npos;
  switch (finding.topic) {
    case Topic::kEncryption:
      if (attribute != "storage_encrypted" && attribute != "encrypted" && attribute != "at_rest_encryption_enabled") {
        return false;
      }
      // Which key the author means cannot be told from here, and without one the next control fails.
      if (changes.requirements().Requires(Topic::kCustomerKey) && !changes.attributes().Get("kms_key_id").known())
        return false;
      changes.Argument(finding, attribute.c_str(), true);
      return true;
    case Topic::kKeyRotation:
      changes.Argument(finding, "enable_key_rotation", true);
      return true;
    case Topic::kDeletionProtection:
      if (!top_level || !attribute.starts_with("deletion_protection")) return false;
      changes.Argument(finding, attribute.c_str(), true);
      return true;
    case Topic::kBackupRetention:
      if (!top_level || attribute.find("retention") == std::string::npos) return false;
      changes.Argument(finding, attribute.c_str(), std::max(1, changes.requirements().retention_min_days));
      return true;
    case Topic::kFinalSnapshot:
      changes.Argument(finding, "skip_final_snapshot", false);
      if (changes.attributes().Get("final_snapshot_identifier").empty()) {
        changes.Argument(finding, "final_snapshot_identifier",
                         Text(DerivedName(changes.target().identifier, "final", 255)));
      }
      return true;
    case Topic::kIamAuth:
      changes.Argument(finding, "iam_database_authentication_enabled", true);
      return true;
    case Topic::kPublicAccess:
      if (attribute != "publicly_accessible") return false;
      changes.Argument(finding, "publicly_accessible", false);
      return true;
    default:
      return false;
  }
}

}  // namespace tfseal
