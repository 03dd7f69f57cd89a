#include <fmt/format.h>

#include <optional>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_source.h"
#include "cli/render/control_text.h"
#include "cli/render/text.h"
#include "core/suggest.h"
#include "policy/control.h"
#include "policy/profiles.h"
#include "report/rules.h"

namespace tfseal::cli {
namespace {

struct Explanation {
  std::string_view id;
  std::string_view text;
};

constexpr Explanation kExitCodes[] = {
    {"0", "done: allow, compliant, or simply finished"},
    {"1", "could not do it: the input is unusable, a file cannot be read or written"},
    {"2", "plan --detailed-exitcode: there are actions to take"},
    {"3", "gate: deny. verify: at least one required control fails"},
    {"4", "gate: review, a person must decide. verify: nothing fails, at least one required control is unknown"},
    {"5", "apply or rekey stopped with work left; safe to resume"},
    {"6", "waiting: a soak time, a window or an approval is not due yet; says until when"},
    {"7", "journal or evidence damaged"},
    {"8", "another run holds the lock"},
    {"64", "the command line or tfseal.yaml is wrong"},
    {"130", "interrupted"},
    {"143", "terminated"},
};

constexpr Explanation kVerdicts[] = {
    {"allow", "nothing is lost or weakened, and every required control on what the plan touches passes; exit code 0"},
    {"review",
     "nothing destructive, but a person must decide: failures that were there before and are not made worse, "
     "what cannot be known before the apply, partial plans; exit code 4"},
    {"deny",
     "data, keys, recovery points or protections would be lost or weakened below what is required, or something "
     "is created in breach of it; exit code 3"},
    {"unusable", "an errored, redacted or encrypted plan, or none at all: nothing can be said; exit code 1"},
};

constexpr Explanation kTopics[] = {
    {"encryption", "data at rest is encrypted, by whatever key. AWS-owned and AWS-managed keys count"},
    {"customer_key",
     "the key is a customer-managed KMS key, so that its policy, its audit trail and its end are yours. "
     "AWS-owned and AWS-managed keys do not count"},
    {"key_rotation",
     "KMS rotates the key by itself. Asymmetric, external and replica keys have no rotation to ask for"},
    {"key_access", "key policies, grants and IAM let only those use a key who need it"},
    {"key_state", "the key is enabled and not pending deletion: without it, what it encrypted is gone"},
    {"backup_retention", "automated backups are kept for at least the days the policy asks for"},
    {"pitr", "the store can be restored to any second of its retention, or keeps versions"},
    {"final_snapshot", "a delete leaves a last snapshot behind. It softens no verdict: destroying is still destroying"},
    {"deletion_protection", "AWS refuses to delete it until a person switches that off"},
    {"plaintext_secret",
     "no secret stands readable in what runs: task definitions, function and build environments, "
     "String parameters. Values in a state or plan do not count here"},
    {"tls", "clients are forced to encrypt the connection"},
    {"tls_only",
     "stores that answer with and without TLS (S3) refuse requests without it. Losing such a refusal is judged under "
     "tls"},
    {"iam_auth", "people and programs log in with IAM instead of a shared password"},
    {"audit_log", "who did what is written to a log that the actor cannot change"},
    {"public_access", "it cannot be reached from the internet"},
    {"object_lock", "objects cannot be deleted or overwritten before their time; every lowering is worse"},
    {"vault_lock", "recovery points cannot be deleted before their time; every lowering is worse"},
    {"data_loss", "the plan destroys something that holds data, keys, secrets or recovery points"},
    {"rotation_due",
     "what people rotate is rotated by the date that a tag, a description or the last change gives; without a date, or "
     "a clock, it is unknown"},
    {"engine_version",
     "databases run an engine and a version that the environment names. Judged only where tfseal.yaml asks: engine, "
     "minor_upgrades"},
    {"capacity", "Aurora Serverless v2 scales within a range and pauses, or not. Asked for with capacity"},
    {"availability", "instances, availability zones and the proxy of a database. Asked for with instances and proxy"},
    {"maintenance",
     "backups and maintenance happen in the environment's windows. Asked for with backup.window and "
     "maintenance_window, which decide a verdict only where `require` lists this topic"},
    {"backup_copies",
     "backups are copied to another region, under another key. Asked for with backup.copies and "
     "backup.copy_key"},
    {"network", "subnets, security groups and VPC endpoints of databases. Asked for with network"},
    {"monitoring", "Performance Insights, Enhanced Monitoring and alarms. Asked for with insights, monitoring, alarms"},
    {"cost", "budgets and who is told about them. Asked for with budget"},
    {"storage_lifecycle", "buckets move or expire what they keep. Asked for with buckets.lifecycle"},
    {"pinned_versions", "the versions of Terraform, providers and modules. Asked for with terraform"},
    {"custom", "what the controls that tfseal.yaml defines judge, unless they name another topic"},
};

constexpr Explanation kClasses[] = {
    {"create", "a new object"},
    {"in_place", "changed without a new object; nothing stored is touched"},
    {"in_place_new_objects_only",
     "changed without a new object, and what is stored already stays as it was: old objects "
     "keep their old encryption"},
    {"destructive_update", "Terraform calls it an update, but the provider deletes and makes again, and the data goes"},
    {"replace_harmless", "destroyed and made again, holding nothing that could be lost"},
    {"replace_data_loss", "destroyed and made again empty under the same address: what it holds is lost"},
    {"delete_harmless", "deleted, holding nothing that could be lost"},
    {"delete_data_loss", "deleted with what it holds"},
    {"key_loss", "a key is scheduled for deletion: everything it encrypted becomes unreadable"},
    {"secret_loss", "a secret is deleted with all its versions"},
    {"recovery_point_loss", "snapshots or backups are deleted: there is less to go back to"},
    {"ignored_by_provider", "configured, but the provider does not act on it: nothing will change"},
    {"api_rejects", "planned, but AWS will refuse it half-way through the apply"},
    {"forget", "leaves Terraform's state and stays in AWS"},
};

std::string Plain(std::string_view id, std::string_view text, bool color) {
  std::string out = fmt::format("{}\n", Styled(id, Style::kBold, color));
  AppendWrapped(text, 2, out);
  return out;
}

std::string ExplainTopic(const Explanation& topic, bool color) {
  std::string out = Plain(topic.id, topic.text, color);
  out += "\nControls\n";
  for (const Control* control : AllControls()) {
    if (Name(control->topic) == topic.id) out += fmt::format("  {}  {}\n", control->id, control->title);
  }
  return out;
}

std::string Explain(const std::string& id, bool color) {
  if (const Control* control = FindControl(id); control != nullptr) return ControlText(*control, color);
  for (const Explanation& topic : kTopics) {
    if (topic.id == id) return ExplainTopic(topic, color);
  }
  if (const Profile* profile = FindProfile(id); profile != nullptr) {
    return fmt::format("{}  {}\n\n{}", Styled(profile->name, Style::kBold, color), profile->title, profile->text);
  }
  for (const Explanation& change : kClasses) {
    if (change.id == id) return Plain(id, change.text, color);
  }
  for (const report::BuiltInRule& rule : report::BuiltInRules()) {
    if (rule.id == id) return Plain(id, rule.why, color);
  }
  for (const Explanation& verdict : kVerdicts) {
    if (verdict.id == id) return Plain(id, verdict.text, color);
  }
  for (const Explanation& code : kExitCodes) {
    if (code.id == id) return Plain("exit code " + id, code.text, color);
  }
  return "";
}

std::vector<std::string_view> AllIds() {
  std::vector<std::string_view> ids;
  for (const Control* control : AllControls()) ids.push_back(control->id);
  for (const Explanation& each : kTopics) ids.push_back(each.id);
  for (const std::string_view profile : ProfileNames()) ids.push_back(profile);
  for (const Explanation& each : kClasses) ids.push_back(each.id);
  for (const report::BuiltInRule& each : report::BuiltInRules()) ids.push_back(each.id);
  return ids;
}

}  // namespace

ExitCode RunExplain(const Arguments& arguments, const Ui& ui) {
  const std::string& id = arguments.operands.front();
  std::string text = Explain(id, ui.color());
  const Control* control = FindControl(id);
  std::optional<PolicyFile> policy;
  if (text.empty()) {  // one of tfseal.yaml
    policy = LoadPolicyForReport(arguments, ui);
    if (!policy) return ExitCode::kUsage;
    for (const auto& rule : policy->controls) {
      if (rule->id != id) continue;
      control = &rule->control;
      text = ControlText(*control, ui.color());
    }
  }
  if (text.empty()) {
    const std::string_view nearest = Nearest(id, AllIds());
    ui.Fail(Error{ErrorCode::kNotFound,
                  fmt::format("explain: there is no control, topic, profile, change class or exit code {}", id),
                  nearest.empty() ? "tfseal controls lists the controls" : fmt::format("did you mean {}?", nearest)});
    return ExitCode::kUsage;
  }
  const Status delivered = Deliver(arguments, ui, [&](std::string_view format) {
    return format == "markdown" && control != nullptr ? ControlPage(*control) : text;
  });
  if (!delivered.ok()) ui.Fail(delivered.error());
  return delivered.ok() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace tfseal::cli
