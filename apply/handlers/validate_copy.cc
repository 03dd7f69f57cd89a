#include "apply/handlers/calls.h"
#include "apply/handlers/database_content.h"
#include "apply/handlers/list.h"
#include "apply/handlers/settings.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr const char* kStillWhole =
    "the original is whole and nothing was switched; find out why, or go back with tfseal rollback";

struct Findings {
  std::vector<std::string> problems;
  JsonValue evidence{Json::objectValue};
};

void Collect(const std::string& who, const JsonValue& expected, const JsonValue& live, Findings& findings) {
  const auto differences = Differences(expected, live, Compare::kExpected);
  findings.evidence["settings"][who] =
      Object({{"compared", static_cast<int>(expected.size())}, {"different", ToJson(differences)}});
  if (!differences.empty()) findings.problems.push_back(who + ": " + Describe(differences));
}

// What the copy is meant to have otherwise than the original: it is closed until it is opened, protected, not public.
JsonValue MeantFor(JsonValue settings) {
  settings.removeMember("VpcSecurityGroupIds");
  settings.removeMember("PubliclyAccessible");
  if (settings.isMember("DeletionProtection")) settings["DeletionProtection"] = true;
  return settings;
}

void CompareRoles(const JsonValue& recorded, const JsonValue& copy, Findings& findings) {
  for (const JsonValue& role : recorded) {
    bool has = false;
    for (const JsonValue& live : copy["AssociatedRoles"]) {
      has = has || (TextOf(live, "RoleArn") == TextOf(role, "role") && TextOf(live, "Status") == "ACTIVE");
    }
    if (!has) findings.problems.push_back("the copy has no role " + TextOf(role, "role"));
  }
}

Result<std::optional<Probe>> CompareMembers(const Action& action, const JsonValue& manifest, const std::string& key,
                                            RunContext& context, Findings& findings) {
  const JsonValue& members = action.payload["members"];
  for (const std::string& original : members.getMemberNames()) {
    const DatabaseName name{TextOf(action.payload, "service"), false, members[original].asString()};
    TFSEAL_ASSIGN(const JsonValue instance, GetDatabase(name, action, context));
    if (auto waiting = NotAvailable(name, instance)) return waiting;
    JsonValue expected = MeantFor(manifest["members"][original]);
    // An instance of a cluster shows what belongs to the cluster; a replica has no backups of its own to keep.
    for (const char* of_cluster : {"BackupRetentionPeriod", "PreferredBackupWindow", "DeletionProtection", "Port"}) {
      expected.removeMember(of_cluster);
    }
    Collect(name.identifier, expected, LiveSettings(instance, false), findings);
    if (const std::string wrong = WrongKey(instance, key); !wrong.empty()) {
      findings.problems.push_back(name.Text() + " " + wrong);
    }
  }
  return std::optional<Probe>();
}

// One backup at least, so that the new database can be recovered on its own.
bool IsRecoverable(const DatabaseName& name, const JsonValue& copy, Findings& findings) {
  const char* member = name.cluster ? "EarliestRestorableTime" : "LatestRestorableTime";
  findings.evidence[member] = TextOf(copy, member);
  return !TextOf(copy, member).empty();
}

Result<Probe> CompareData(const Action& action, const JsonValue& original, const JsonValue& copy, JsonValue evidence,
                          RunContext& context) {
  JsonValue output(Json::objectValue);
  if (action.payload["online"].asBool()) {
    output["compared_at"] = FormatTime(context.clock.Now());
    evidence["data"] = "AWS replicates it until the switchover, and does not switch while the copy lags";
    return Done("the settings are the same", output, evidence);
  }
  if (!SpeaksPostgres(TextOf(action.payload, "engine"))) {
    if (auto by_hand = ByHand(action, "whether the copy has all data of the original", context)) return *by_hand;
    output["compared_at"] = FormatTime(context.clock.Now());
    output["next_transaction"] = "unknown";
    evidence["data"] = "compared by a person";
    return Done("the settings are the same; a person has compared the data", output, evidence);
  }
  TFSEAL_ASSIGN(const Reached to_original, Reach(action, original, context));
  if (to_original.waiting) return *to_original.waiting;
  TFSEAL_ASSIGN(const Reached to_copy, Reach(action, copy, context));
  if (to_copy.waiting) return *to_copy.waiting;
  // Before: what is written while it is compared moves it.
  TFSEAL_ASSIGN(const std::string next, NextTransaction(*to_original.url));
  TFSEAL_ASSIGN(const ContentVerdict verdict, CompareContent(*to_original.url, *to_copy.url, context));
  evidence["data"] = verdict.evidence;
  if (!verdict.same) {
    Probe probe = Conflict("the copy does not have the data of the original: " + verdict.text, kStillWhole);
    probe.evidence = evidence;
    return probe;
  }
  output["compared_at"] = FormatTime(context.clock.Now());
  output["next_transaction"] = next;
  return Done("settings and data are the same", output, evidence);
}

Result<Probe> Look(const Action& action, RunContext& context) {
  const bool cluster = action.payload["cluster"].asBool();
  const DatabaseName original_name = NameIn(action, "original", cluster);
  TFSEAL_ASSIGN(const std::string copy_identifier, ResolvedText(action, "copy", context));
  const DatabaseName copy_name{original_name.service, cluster, copy_identifier};
  TFSEAL_ASSIGN(const JsonValue original, GetDatabase(original_name, action, context));
  TFSEAL_ASSIGN(const JsonValue copy, GetDatabase(copy_name, action, context));
  if (const auto waiting = NotAvailable(copy_name, copy)) return *waiting;
  TFSEAL_ASSIGN(const std::string key, ResolvedText(action, "key", context));
  TFSEAL_ASSIGN(const JsonValue manifest, ResolveParameters(action.payload["manifest"], context.outputs));
  Findings findings;
  if (const std::string wrong = WrongKey(copy, key); !wrong.empty()) {
    findings.problems.push_back("the copy " + wrong);
  }
  Collect(copy_name.identifier, MeantFor(manifest["settings"]), LiveSettings(copy, cluster), findings);
  CompareRoles(manifest["roles"], copy, findings);
  TFSEAL_ASSIGN(const auto waiting, CompareMembers(action, manifest, key, context, findings));
  if (waiting) return *waiting;
  findings.evidence["encryption"] = Essentials(copy);
  if (!findings.problems.empty()) {
    std::string text;
    for (const std::string& problem : findings.problems) text += (text.empty() ? "" : "; ") + problem;
    return Conflict(copy_name.Text() + " is not like " + original_name.identifier + ": " + text, kStillWhole);
  }
  if (!IsRecoverable(copy_name, copy, findings))
    return Underway("the first backup of " + copy_name.Text() + " is being made");
  return CompareData(action, original, copy, findings.evidence, context);
}

}  // namespace

const Handler kValidateCopyHandler = {.kind = "validate_copy", .probe = Look};

}  // namespace tfseal
