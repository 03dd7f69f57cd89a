#include <fmt/format.h>

#include <algorithm>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"
#include "policy/controls/environment.h"
#include "policy/location.h"

// Money, storage that grows, and the versions of what makes the database.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

Judgement BudgetAlerts(const Subject& subject) {
  const auto& wanted = subject.requirements.settings.budget_alerts_percent;
  const Value notifications = subject.At("notification");
  if (notifications.unknown()) return UnknownUntilApply("notification");
  std::vector<std::string> missing;
  for (const int percent : wanted) {
    const bool there =
        std::any_of(notifications.items().begin(), notifications.items().end(), [&](const Value& notification) {
          const bool heard = !notification.Get("subscriber_email_addresses").empty() ||
                             !notification.Get("subscriber_sns_topic_arns").empty();
          return notification.Get("threshold_type").text() == "PERCENTAGE" &&
                 notification.Get("threshold").AsNumber() == percent && heard;
        });
    if (!there) missing.push_back(fmt::format("{} %", percent));
  }
  if (missing.empty()) return Pass("it alerts as the environment asks", "notification");
  if (notifications.AnyUnknown()) return UnknownUntilApply("notification");
  Judgement judgement = Fail(fmt::format("nobody is told at {}", fmt::join(missing, ", ")), "notification");
  judgement.offenders = std::move(missing);
  return judgement;
}

Judgement BudgetLimit(const Subject& subject) {
  const auto most = subject.requirements.settings.budget_monthly_usd_max;
  if (!most) return Pass("no limit is asked for", "limit_amount");
  for (const char* attribute : {"limit_amount", "limit_unit", "time_unit"}) {
    if (subject.At(attribute).unknown()) return UnknownUntilApply(attribute);
  }
  if (subject.At("limit_unit").text() != "USD" || subject.At("time_unit").text() != "MONTHLY") {
    return Undecided("it is not a monthly budget in USD, so it cannot be compared", "limit_unit");
  }
  const auto limit = subject.At("limit_amount").AsNumber();
  if (!limit) return Undecided("it has no fixed limit", "limit_amount");
  const std::string message = fmt::format("limit_amount is {} USD a month", *limit);
  if (*limit <= *most) return Pass(message, "limit_amount");
  return Fail(fmt::format("{}: at most {} are planned", message, *most), "limit_amount");
}

bool AsksForBudget(const Requirements& requirements) {
  return !requirements.settings.budget_alerts_percent.empty() || requirements.settings.budget_monthly_usd_max;
}

Judgement EnvironmentBudget(const Subject& subject) {
  if (!AsksForBudget(subject.requirements)) return NotAsked();
  if (subject.instance.type == "aws_budgets_budget") {
    if (subject.At("budget_type").text() != "COST") return NotApplicable("it is not a budget of costs");
    return Worst({BudgetAlerts(subject), BudgetLimit(subject)});
  }
  if (!subject.world.OfType("aws_budgets_budget").empty()) return NotApplicable("the budget is judged itself");
  return Undecided(
      "no budget is in this document; one may be kept elsewhere for the whole account", {},
      "add an aws_budgets_budget with the limit and a notification block for each alert, or, if it is kept "
      "elsewhere, take `budget` out of what this environment asks for");
}

constexpr std::string_view kLifecycleTypes[] = {"aws_s3_bucket"};

Judgement LifecycleOf(const World& world, const ResourceInstance& configuration) {
  const Value rules = world.AttributesOf(configuration).At("rule");
  bool unclear = rules.unknown();
  for (const Value& rule : rules.items()) {
    const bool acts = std::any_of(rule.members().begin(), rule.members().end(), [](const terraform::Member& member) {
      const bool action = member.key == "transition" || member.key == "expiration" ||
                          member.key == "noncurrent_version_transition" ||
                          member.key == "noncurrent_version_expiration";
      return action && (member.value.unknown() || !member.value.empty());
    });
    unclear = unclear || rule.unknown() || rule.Get("status").unknown();
    if (acts && rule.Get("status").text() == "Enabled") {
      return Pass(fmt::format("{} moves or expires objects", configuration.address));
    }
  }
  return unclear
             ? Undecided(fmt::format("the rules of {} are known only after apply", configuration.address))
             : Fail(fmt::format("{} has no rule that is enabled and moves or expires objects", configuration.address));
}

Judgement EnvironmentLifecycle(const Subject& subject) {
  if (!subject.requirements.settings.bucket_lifecycle) return NotAsked();
  const auto configurations =
      subject.world.PointingAt(subject.instance, "aws_s3_bucket_lifecycle_configuration", "bucket", {"id", "bucket"});
  if (!configurations.empty()) {
    std::vector<Judgement> judgements;
    for (const ResourceInstance* each : configurations) judgements.push_back(LifecycleOf(subject.world, *each));
    return Worst(std::move(judgements));
  }
  const Value inlined = subject.At("lifecycle_rule");
  if (inlined.unknown() && !LeftToAws(subject, "lifecycle_rule[0]")) return UnknownUntilApply("lifecycle_rule");
  for (const Value& rule : inlined.items()) {
    if (rule.Get("enabled").AsBool() == true) return Pass("a lifecycle rule is enabled", "lifecycle_rule");
  }
  return Fail("no lifecycle rule of this document is for it: what it keeps grows for ever");
}

// "5.100.0", "= 5.100.0" and, unless `exact`, "~> 5.100.0": nothing but patches can change.
bool IsPinned(std::string_view constraint, bool exact) {
  std::string_view rest = constraint;
  const auto trim = [&] {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    while (rest.ends_with(' ')) rest.remove_suffix(1);
  };
  trim();
  if (rest.starts_with("~>")) {
    if (exact) return false;
    rest.remove_prefix(2);
  } else if (rest.starts_with('=')) {
    rest.remove_prefix(1);
  }
  trim();
  return std::count(rest.begin(), rest.end(), '.') == 2 &&
         rest.find_first_not_of("0123456789.-+abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
}

bool VersionMatches(std::string_view version, std::string_view pattern) {
  if (!pattern.ends_with(".*")) return version == pattern;
  return version.starts_with(pattern.substr(0, pattern.size() - 1));
}

Judgement EnvironmentTerraform(const Subject& subject) {
  const auto& wanted = subject.requirements.settings.terraform_versions;
  if (wanted.empty()) return NotAsked();
  const std::string_view version = subject.world.document().terraform_version;
  if (version.empty()) return Undecided("the document does not say which Terraform made it");
  const std::string message = fmt::format("made by version {}", version);
  for (const std::string& pattern : wanted) {
    if (VersionMatches(version, pattern)) return Pass(message);
  }
  return Fail(fmt::format("{}: the environment has {}", message, fmt::join(wanted, ", ")));
}

Judgement EnvironmentProviders(const Subject& subject) {
  if (!subject.requirements.settings.pinned_providers) return NotAsked();
  const terraform::ProviderConfiguration* provider = ProviderOf(subject.world.document(), subject.instance);
  if (!subject.world.document().configuration.present || provider == nullptr) {
    return Undecided("the document does not hold the configuration, so the provider's constraint is not known");
  }
  const std::string_view constraint = provider->version_constraint;
  if (constraint.empty()) return Fail("required_providers gives its provider no version");
  const std::string message = fmt::format("the version of its provider is \"{}\"", constraint);
  return IsPinned(constraint, false) ? Pass(message) : Fail(message + ", which allows more than patches");
}

// Git sources name a commit or a version with ?ref=; a branch moves.
bool IsPinnedSource(std::string_view source) {
  const std::size_t at = source.find("ref=");
  if (at == std::string_view::npos) return false;
  std::string_view ref = source.substr(at + 4);
  ref = ref.substr(0, ref.find('&'));
  const bool commit = ref.size() == 40 && ref.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (ref.starts_with('v')) ref.remove_prefix(1);
  return commit || (std::count(ref.begin(), ref.end(), '.') == 2 &&
                    ref.find_first_not_of("0123456789.") == std::string_view::npos);
}

Judgement EnvironmentModules(const Subject& subject) {
  if (!subject.requirements.settings.pinned_modules) return NotAsked();
  const terraform::Configuration& configuration = subject.world.document().configuration;
  const std::string path = WithoutInstanceKeys(subject.instance.module_address());
  if (path.empty()) return NotApplicable("it is in the root module");
  if (!configuration.present) return Undecided("the document does not hold the configuration");
  const terraform::ModuleConfiguration* module = &configuration.root;
  std::string_view rest = path;
  while (rest.starts_with("module.")) {
    rest.remove_prefix(7);
    const std::string_view name = rest.substr(0, rest.find('.'));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    const auto call = module->calls.find(name);
    if (call == module->calls.end())
      return Undecided(fmt::format("the call of module {} is not in the document", name));
    const std::string_view source = call->second.source;
    const bool local = source.starts_with("./") || source.starts_with("../");
    if (!local && !IsPinned(call->second.version_constraint, true) && !IsPinnedSource(source)) {
      return Fail(fmt::format("module {} has no exact version", name));
    }
    if (call->second.module.empty()) break;
    module = &call->second.module.front();
  }
  return Pass("every module that it is made by is local or has an exact version");
}

}  // namespace

const Control kEnvironmentBudget{
    .id = "TFS-ENV-060",
    .topic = Topic::kCost,
    .severity = Severity::kLow,
    .title = "a budget alerts when the environment costs more than planned",
    .types = kNames<"aws_budgets_budget", "aws_rds_cluster", "aws_db_instance">,
    .reads = kNames<"notification", "limit_amount", "limit_unit", "time_unit", "budget_type">,
    .evaluate = EnvironmentBudget,
    .why = "databases that scale by themselves cost by themselves; the bill comes a month later",
    .remedy =
        "add notification blocks with threshold_type = \"PERCENTAGE\" and somebody to tell, and keep limit_amount "
        "within the plan",
    .basis = "organisation: budget in tfseal.yaml",
    .asked = AsksForBudget,
};

const Control kEnvironmentLifecycle{
    .id = "TFS-ENV-061",
    .topic = Topic::kStorageLifecycle,
    .severity = Severity::kLow,
    .title = "buckets move or expire what they keep",
    .types = kLifecycleTypes,
    .reads = kNames<"bucket", "id", "rule", "lifecycle_rule">,
    .evaluate = EnvironmentLifecycle,
    .why = "exports and logs that nobody removes cost more every month, and are data that is kept longer than needed",
    .remedy =
        "add an aws_s3_bucket_lifecycle_configuration with an enabled rule; mind what must be kept (object lock, legal "
        "hold) before it expires anything",
    .basis =
        "PCI DSS v4.0 3.2.1 (keep account data no longer than needed), which names no period. Vendor benchmark: AWS "
        "Security Hub S3.13. organisation: buckets.lifecycle in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.bucket_lifecycle; },
};

const Control kEnvironmentTerraform{
    .id = "TFS-ENV-070",
    .topic = Topic::kPinnedVersions,
    .severity = Severity::kLow,
    .title = "databases are planned with a Terraform version of the environment",
    .types = kDatabaseTypes,
    .reads = kNames<"id">,
    .evaluate = EnvironmentTerraform,
    .why = "another version may plan something else from the same files",
    .remedy = "run the pipeline with that version, and set required_version to it",
    .basis = "organisation: terraform.versions in tfseal.yaml",
    .asked = [](const Requirements& r) { return !r.settings.terraform_versions.empty(); },
};

const Control kEnvironmentProviders{
    .id = "TFS-ENV-071",
    .topic = Topic::kPinnedVersions,
    .severity = Severity::kLow,
    .title = "the provider of databases is pinned",
    .types = kDatabaseTypes,
    .reads = kNames<"id">,
    .evaluate = EnvironmentProviders,
    .why = "a new provider changes defaults and what it replaces: a plan that was harmless yesterday is not today",
    .remedy = "write version = \"5.100.0\" or \"~> 5.100.0\" in required_providers, and commit .terraform.lock.hcl",
    .basis = "organisation: terraform.providers in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.pinned_providers; },
};

const Control kEnvironmentModules{
    .id = "TFS-ENV-072",
    .topic = Topic::kPinnedVersions,
    .severity = Severity::kLow,
    .title = "the modules that make databases are pinned",
    .types = kDatabaseTypes,
    .reads = kNames<"id">,
    .evaluate = EnvironmentModules,
    .why = "the lock file does not cover modules: without an exact version the next init may fetch another one",
    .remedy = "give the module call an exact version, or a git source ?ref= with a commit or a release",
    .basis =
        "Terraform documentation, Dependency Lock File: it tracks providers only. organisation: "
        "terraform.modules in tfseal.yaml",
    .asked = [](const Requirements& r) { return r.settings.pinned_modules; },
};

}  // namespace tfseal
