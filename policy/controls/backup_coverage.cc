#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "policy/controls/declarations.h"
#include "policy/controls/names.h"
#include "policy/iam_policy.h"
#include "policy/rotation_schedule.h"

// What AWS Backup no longer does after a change: which resources a plan backs up, how often and with which copies. No
// policy has numbers for these, so less than before fails; another selection or rule may go on with it.
namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

// What one aws_backup_selection assigns to its plan.
struct Selection {
  std::vector<std::string_view> resources;
  std::vector<std::string_view> excluded;
  std::vector<std::string> tags;        // one of them is enough
  std::vector<std::string> conditions;  // all of them must hold
  bool more_resources = false;          // there may be some that are not known yet
  bool more_tags = false;
  bool more_conditions = false;
  std::vector<std::string_view> tags_of;  // keys of tags whose values are not known yet
};

std::vector<std::string_view> Texts(const Value& list, bool* unknown) {
  std::vector<std::string_view> texts;
  *unknown = *unknown || list.unknown();
  for (const Value& item : list.items()) {
    *unknown = *unknown || item.unknown();
    if (!item.text().empty()) texts.push_back(item.text());
  }
  return texts;
}

Selection Read(const Value& attributes) {
  Selection selection;
  bool elsewhere = false;  // what is left out or asked for beside is not what is looked for
  selection.resources = Texts(attributes.Get("resources"), &selection.more_resources);
  // Computed where nobody writes them.
  selection.excluded = Texts(attributes.Get("not_resources"), &elsewhere);
  const Value tags = attributes.Get("selection_tag");
  selection.more_tags = tags.unknown();
  for (const Value& tag : tags.items()) {
    const bool key_unknown = tag.unknown() || tag.Get("key").unknown();
    selection.more_tags = selection.more_tags || key_unknown;
    if (!key_unknown && tag.Get("value").unknown()) selection.tags_of.push_back(tag.Get("key").text());
    if (key_unknown || tag.Get("value").unknown()) continue;
    selection.tags.push_back(fmt::format("{}={}", tag.Get("key").text(), tag.Get("value").text()));
  }
  for (const Value& condition : attributes.Get("condition").items()) {
    for (const terraform::Member& op : condition.members()) {
      for (const Value& each : op.value.items()) {
        if (each.AnyUnknown()) {
          selection.more_conditions = true;
          continue;
        }
        selection.conditions.push_back(
            fmt::format("{} {}={}", op.key, each.Get("key").text(), each.Get("value").text()));
      }
    }
  }
  return selection;
}

bool Covers(const std::vector<std::string_view>& patterns, std::string_view resource) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return CoversResource(pattern, resource, false); });
}

bool IsPartOf(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::all_of(some.begin(), some.end(),
                     [&](const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); });
}

// The ARNs of what this plan destroys: nobody has to back those up any more.
class DestroyedArns {
 public:
  explicit DestroyedArns(const World& world) {
    for (const ResourceInstance& instance : world.document().resources) {
      if (instance.actions.destroy) arns_.insert(instance.before.Get("arn").text());
    }
  }
  [[nodiscard]] bool Has(std::string_view arn) const { return arns_.contains(arn); }

 private:
  std::unordered_set<std::string_view> arns_;
};

// The selections of the side after.
struct Selections {
  explicit Selections(const World& world) {
    for (const ResourceInstance* instance : world.OfType("aws_backup_selection")) {
      all.push_back(Read(world.AttributesOf(*instance)));
    }
  }
  std::vector<Selection> all;
};

// Whether `selection` asks for nothing that `before` did not ask for, beside what it looks for.
bool AsksNoMore(const Selection& selection, const Selection& before, const World& after) {
  const auto& destroyed = after.Derived<DestroyedArns>();
  return IsPartOf(selection.conditions, before.conditions) &&
         std::all_of(selection.excluded.begin(), selection.excluded.end(), [&](std::string_view resource) {
           return Covers(before.excluded, resource) || destroyed.Has(resource);
         });
}

bool HasTags(const Selection& selection) {
  return !selection.tags.empty() || selection.more_tags || !selection.tags_of.empty();
}

// Resources and tags of one selection either both have to match or one of them: AWS's documentation leaves that open,
// so what may be asked for beside must have been asked for before.
bool SelectsEverything(const Selection& selection) {
  return !selection.more_resources && !HasTags(selection) && selection.resources.empty();
}

bool Selects(const Selection& selection, const Selection& before, std::string_view resource) {
  const bool tags = !HasTags(selection) || (!before.tags.empty() && IsPartOf(before.tags, selection.tags));
  return tags && (Covers(selection.resources, resource) || SelectsEverything(selection));
}

bool Selects(const Selection& selection, const Selection& before, const std::string& tag) {
  const bool everything = SelectsEverything(selection) || (!HasTags(selection) && Covers(selection.resources, "*"));
  const bool anywhere = (selection.resources.empty() && !selection.more_resources) ||
                        Covers(selection.resources, "*") ||
                        (!before.resources.empty() &&
                         std::all_of(before.resources.begin(), before.resources.end(),
                                     [&](std::string_view resource) { return Covers(selection.resources, resource); }));
  return everything || (anywhere && IsPartOf({tag}, selection.tags));
}

// What `gone` selected and nothing selects on the side after.
Judgement JudgeSelected(const Value& gone, const World& after) {
  const Selection before = Read(gone);
  const auto& selections = after.Derived<Selections>().all;
  const auto& destroyed = after.Derived<DestroyedArns>();
  std::vector<std::string> lost;
  bool maybe = false;
  const auto look = [&](const auto& item, std::string name, const auto& may_select) {
    bool unclear = false;
    for (const Selection& selection : selections) {
      if (!AsksNoMore(selection, before, after)) continue;
      const bool selects = Selects(selection, before, item);
      if (selects && !selection.more_conditions) return;
      unclear = unclear || selects || may_select(selection);
    }
    maybe = maybe || unclear;
    if (!unclear) lost.push_back(std::move(name));
  };
  const auto may_have_resource = [](const Selection& selection) { return selection.more_resources; };
  for (const std::string_view resource : before.resources) {
    if (!destroyed.Has(resource)) look(resource, std::string(resource), may_have_resource);
  }
  for (const std::string& tag : before.tags) {
    look(tag, "tag " + tag, [&](const Selection& selection) {
      return selection.more_tags ||
             std::any_of(selection.tags_of.begin(), selection.tags_of.end(),
                         [&](std::string_view key) { return tag.starts_with(fmt::format("{}=", key)); });
    });
  }
  if (before.resources.empty() && before.tags.empty()) look(std::string_view("*"), "everything", may_have_resource);
  if (lost.empty() && maybe) return UnknownUntilApply("resources");
  if (lost.empty()) return Pass("what was selected stays selected", "resources");
  const std::string more = lost.size() > 1 ? fmt::format(" (and {} more)", lost.size() - 1) : std::string();
  Judgement judgement = Fail(
      fmt::format("{}{} was selected for backups and no selection has it any more", lost.front(), more), "resources");
  judgement.offenders = std::move(lost);
  return judgement;
}

Judgement JudgeSelection(const Subject& subject) {
  if (subject.world.side() != Side::kAfter || !subject.instance.before.is_map()) {
    return Pass("less of it than before is what would fail", "resources");
  }
  return JudgeSelected(subject.instance.before, subject.world);
}

// One rule of a plan.
struct Rule {
  std::string_view name;
  std::string_view schedule;
  double days = 0;  // kept
  std::size_t copies = 0;
  bool unknown = false;
};

constexpr double kForever = 1e6;

// At most, between two backups. AWS Backup starts at 5 o'clock every day unless it is told when. Minutes do not make it
// rarer, and the other reader of schedules knows full hours only.
std::optional<int> HoursBetween(std::string_view schedule) {
  if (schedule.empty()) return 24;
  constexpr std::string_view kCron = "cron(";
  if (!schedule.starts_with(kCron)) return LongestHoursBetweenRotations(schedule);
  const std::size_t blank = schedule.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  return LongestHoursBetweenRotations(fmt::format("{}0{}", kCron, schedule.substr(blank)));
}

std::vector<Rule> RulesOf(const Value& rules) {
  std::vector<Rule> found;
  for (const Value& value : rules.items()) {
    Rule rule;
    rule.name = value.Get("rule_name").text();
    rule.schedule = value.Get("schedule").text();
    const Value days = value.At("lifecycle[0].delete_after");
    rule.days = days.AsNumber().value_or(0) > 0 ? *days.AsNumber() : kForever;
    rule.copies = value.Get("copy_action").items().size();
    rule.unknown = value.unknown() || value.Get("schedule").unknown() || value.Get("lifecycle").unknown() ||
                   days.unknown() || value.Get("copy_action").unknown();
    found.push_back(rule);
  }
  return found;
}

// Whether `rule` does all that `before` did, as far as no number of the policy is about it.
Verdict DoesTheWorkOf(const Rule& rule, const Rule& before, double days_required) {
  if (rule.unknown) return Verdict::kUnknown;
  if (rule.copies < before.copies || rule.days < std::min(before.days, days_required)) return Verdict::kFail;
  if (rule.schedule == before.schedule) return Verdict::kPass;
  // Asked only where it decides: it follows a calendar of 400 years.
  const std::optional<int> hours = HoursBetween(rule.schedule);
  const std::optional<int> hours_before = HoursBetween(before.schedule);
  if (!hours.has_value() || !hours_before.has_value()) return Verdict::kUnknown;
  return *hours <= *hours_before ? Verdict::kPass : Verdict::kFail;
}

Judgement KeptFor(const std::vector<Rule>& rules, const std::vector<std::string>& gone) {
  double days = 0;
  for (const Rule& rule : rules) days = std::max(days, rule.days);
  const std::string prefix = gone.empty() ? "" : fmt::format("{} is gone; ", gone.front());
  Judgement judgement =
      Pass(days < kForever ? fmt::format("{}recovery points are kept for up to {} days", prefix, days)
                           : fmt::format("{}recovery points are kept until somebody deletes them", prefix),
           "rule");
  judgement.strength = days;
  return judgement;
}

Judgement JudgeRules(const Subject& subject) {
  const Value rules = subject.At("rule");
  if (rules.unknown()) return UnknownUntilApply("rule");
  const std::vector<Rule> now = RulesOf(rules);
  if (subject.world.side() != Side::kAfter || !subject.instance.before.is_map()) return KeptFor(now, {});
  std::vector<std::string> lost;
  std::vector<std::string> gone;
  bool maybe = false;
  for (const Rule& before : RulesOf(subject.instance.before.Get("rule"))) {
    Verdict best = Verdict::kFail;
    for (const Rule& rule : now) {
      const Verdict verdict = DoesTheWorkOf(rule, before, subject.requirements.retention_min_days);
      if (verdict == Verdict::kPass || best == Verdict::kFail) best = verdict;
    }
    const bool same_name =
        std::any_of(now.begin(), now.end(), [&](const Rule& rule) { return rule.name == before.name; });
    if (!same_name) gone.push_back(fmt::format("rule {}", before.name));
    maybe = maybe || best == Verdict::kUnknown;
    if (best == Verdict::kFail) lost.push_back(fmt::format("rule {}", before.name));
  }
  if (!lost.empty()) {
    Judgement judgement =
        Fail(fmt::format("no rule makes backups as often and with as many copies as {} did", lost.front()), "rule");
    judgement.offenders = std::move(lost);
    return judgement;
  }
  if (maybe) return UnknownUntilApply("rule");
  return KeptFor(now, gone);
}

}  // namespace

const Control kBackupSelection{
    .id = "TFS-BACKUP-008",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "what AWS Backup backs up is not taken out of its plan",
    .types = kNames<"aws_backup_selection">,
    .reads = kNames<"resources", "not_resources", "selection_tag", "condition", "arn">,
    .evaluate = JudgeSelection,
    .why =
        "Without a selection AWS Backup makes no more recovery points, and nobody notices until one is needed. Those "
        "that exist expire one after the other.",
    .remedy =
        "keep the selection, or let another one have the same resources and tags in the same plan. What is no longer "
        "to be backed up deserves a waiver",
    .basis = "AWS Backup API, BackupSelection. Vendor benchmark: AWS Config *-in-backup-plan rules.",
    .removed = [](const Subject& before, const World& after) { return JudgeSelected(before.attributes, after); },
};

const Control kPlanRules{
    .id = "TFS-BACKUP-009",
    .topic = Topic::kBackupRetention,
    .severity = Severity::kHigh,
    .title = "Backup plans do not make backups more rarely or with fewer copies",
    .types = kNames<"aws_backup_plan">,
    .reads = kNames<"rule">,
    .evaluate = JudgeRules,
    .why =
        "Between two backups everything is lost, and without the copy a region or an account is. How long they are "
        "kept is judged by TFS-BACKUP-005; a shorter time that is still enough is noted.",
    .remedy = "keep the rule and its copy_action, or let another rule run at least as often with the same copies",
    .basis =
        "AWS Backup API, BackupRule. Vendor benchmark: AWS Config backup-plan-min-frequency-and-min-retention-check.",
};

}  // namespace tfseal
