#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "core/time_text.h"
#include "policy/controls/declarations.h"

// Keys that nobody rotates for you: a person has said when it is due, or AWS says when it was changed last.
namespace tfseal {
namespace {

constexpr std::int64_t kDaySeconds = 86400;

constexpr std::string_view kDueSecretTypes[] = {"aws_secretsmanager_secret", "aws_secretsmanager_secret_rotation"};
constexpr std::string_view kDueSecretReads[] = {"name",
                                                "name_prefix",
                                                "description",
                                                "tags",
                                                "tags_all",
                                                "id",
                                                "arn",
                                                "secret_id",
                                                "last_rotated_date",
                                                "last_changed_date",
                                                "next_rotation_date",
                                                "rotation_rules"};
constexpr std::string_view kDueKeyTypes[] = {"aws_kms_external_key", "aws_kms_key"};
constexpr std::string_view kDueKeyReads[] = {
    "description", "tags", "tags_all", "key_usage", "customer_master_key_spec", "custom_key_store_id", "xks_key_id"};

std::string LowerWord(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// Names of tags that hold a date: "NextRotation", "next-rotation-date", "security:rotate_by".
bool IsDueTag(std::string_view name) {
  name = name.substr(name.find_last_of(":/") == std::string_view::npos ? 0 : name.find_last_of(":/") + 1);
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  // Most tags end here: none of the names below starts with another letter.
  const auto first = std::find_if(name.begin(), name.end(), is_letter);
  if (first == name.end() || std::string_view("nNrR").find(*first) == std::string_view::npos) return false;
  std::string letters;
  for (const char c : LowerWord(name)) {
    if (is_letter(c)) letters += c;
  }
  for (const std::string_view known :
       {"nextrotation", "nextrotationdate", "rotationdue", "rotationduedate", "rotateby", "rotatebefore"}) {
    if (letters == known) return true;
  }
  return false;
}

// "2027-11-22", also with a time behind it; nullopt if it is none. The whole day is in time.
std::optional<std::int64_t> EndOfDay(std::string_view text) {
  const auto time = ParseTime(std::string(text.substr(0, 10)) + "T23:59:59Z");
  if (!time || (text.size() > 10 && text[10] != 'T' && text[10] != ' ')) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
}

// The date that a sentence about a rotation ends with: "rotate by 2027-11-22".
std::optional<std::int64_t> DateAfterRotation(std::string_view text) {
  const std::string lower = LowerWord(text);
  const std::size_t word = lower.find("rotat");
  if (word == std::string::npos) return std::nullopt;
  for (std::size_t at = word; at + 10 <= lower.size(); ++at) {
    if (const auto day = EndOfDay(std::string_view(lower).substr(at, 10))) return day;
  }
  return std::nullopt;
}

// What AWS answers: seconds since 1970, or RFC 3339.
std::optional<std::int64_t> MomentOf(const terraform::Value& value) {
  if (const auto number = value.AsNumber()) return static_cast<std::int64_t>(*number);
  const auto time = ParseTime(value.text());
  if (!time) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
}

std::string DayOf(std::int64_t seconds) {
  return FormatTime(TimePoint(std::chrono::seconds(seconds))).substr(0, 10);
}

Judgement NotSaid(std::string message, std::string_view attribute) {
  Judgement judgement;
  judgement.message = std::move(message);
  judgement.attribute = attribute;
  return judgement;
}

Judgement JudgeDue(const Subject& subject, std::int64_t due, std::string_view attribute, std::string_view from) {
  const std::string day = DayOf(due);
  if (!subject.now) {
    return NotSaid(fmt::format("the next rotation is due on {} ({}); what day it is now is not known", day, from),
                   attribute);
  }
  if (due < *subject.now) return Fail(fmt::format("the rotation was due on {} ({})", day, from), attribute);
  return Pass(fmt::format("the next rotation is due on {} ({})", day, from), attribute);
}

// The judgement that tags or the description lead to; nullopt if they say nothing of a rotation.
std::optional<Judgement> JudgeWhatIsWritten(const Subject& subject) {
  for (const std::string_view attribute : {"tags", "tags_all"}) {
    const terraform::Value tags = subject.At(attribute);
    // tags_all is computed: the tags, which are known here, and those that the provider gives to everything.
    if (tags.unknown() && attribute == "tags_all" && LeftToProvider(subject, attribute)) continue;
    if (tags.unknown()) return UnknownUntilApply(attribute);
    for (const terraform::Member& tag : tags.members()) {
      if (!IsDueTag(tag.key)) continue;
      if (tag.value.unknown()) return UnknownUntilApply(attribute);
      if (const auto day = EndOfDay(tag.value.text())) {
        return JudgeDue(subject, *day, attribute, fmt::format("tag {}", tag.key));
      }
      return NotSaid(fmt::format("the tag {} is no date (YYYY-MM-DD)", tag.key), attribute);
    }
  }
  const terraform::Value description = subject.At("description");
  if (description.unknown()) return UnknownUntilApply("description");
  if (const auto day = DateAfterRotation(description.text())) {
    return JudgeDue(subject, *day, "description", "description");
  }
  return std::nullopt;
}

bool HoldsKey(std::string_view text) {
  const std::string lower = LowerWord(text);
  const auto has = [&lower](std::string_view part) { return lower.find(part) != std::string::npos; };
  if (!has("key")) return false;
  return has("encryption") || has("master") || has("signing") || has("private");
}

// By when it has to be changed, from when it was changed last and the period of the policy.
std::optional<Judgement> JudgeLastChange(const Subject& subject) {
  for (const std::string_view attribute : {"last_rotated_date", "last_changed_date"}) {
    const auto last = MomentOf(subject.At(attribute));
    if (!last) continue;
    const int days = subject.requirements.rotation_max_period_days;
    if (days <= 0) return NotSaid("the policy names no period, and nothing says when it is changed next", attribute);
    return JudgeDue(subject, *last + days * kDaySeconds, attribute,
                    fmt::format("{} days after {}", days, DayOf(*last)));
  }
  return std::nullopt;
}

// What AWS rotates: only AWS knows when.
Judgement JudgeManagedRotation(const Subject& subject) {
  const terraform::Value next = subject.At("next_rotation_date");
  if (const auto due = MomentOf(next)) return JudgeDue(subject, *due, "next_rotation_date", "AWS");
  if (next.unknown()) return NotSaid("AWS does not say when the next rotation is", "next_rotation_date");
  return NotApplicable("AWS rotates it and knows the date: verify --live asks for it");
}

Judgement JudgeSecretDue(const Subject& subject) {
  if (!subject.requirements.rotation_required) return NotApplicable("the policy does not ask for key rotation");
  if (subject.instance.type == "aws_secretsmanager_secret_rotation") return JudgeManagedRotation(subject);
  if (!subject.world.PointingAt(subject.instance, "aws_secretsmanager_secret_rotation", "secret_id", {"id", "arn"})
           .empty()) {
    return NotApplicable("its aws_secretsmanager_secret_rotation is judged");
  }
  if (auto written = JudgeWhatIsWritten(subject)) return *written;
  if (const auto due = MomentOf(subject.At("next_rotation_date"))) {
    return JudgeDue(subject, *due, "next_rotation_date", "AWS");
  }
  const terraform::Value name = subject.At("name");
  if (name.unknown()) return UnknownUntilApply("name");
  if (!HoldsKey(fmt::format("{} {}", name.text(), subject.At("description").text()))) {
    return NotApplicable("it does not say that it holds a key, or when it is changed next");
  }
  if (auto changed = JudgeLastChange(subject)) return *changed;
  return NotSaid("it holds a key, and nothing says when the key is changed next", "tags");
}

Judgement JudgeKeyDue(const Subject& subject) {
  if (!subject.requirements.rotation_required) return NotApplicable("the policy does not ask for key rotation");
  const bool external = subject.instance.type == "aws_kms_external_key";
  const std::string_view usage = subject.At("key_usage").text();
  const std::string_view spec = subject.At("customer_master_key_spec").text();
  const bool by_hand = external || (!usage.empty() && usage != "ENCRYPT_DECRYPT") ||
                       (!spec.empty() && spec != "SYMMETRIC_DEFAULT") || !subject.At("custom_key_store_id").empty() ||
                       !subject.At("xks_key_id").empty();
  if (!by_hand) return NotApplicable("KMS rotates it; TFS-KMS-001 judges that");
  if (auto written = JudgeWhatIsWritten(subject)) return *written;
  return NotSaid("KMS does not rotate this key, and nothing says when a person does", "tags");
}

}  // namespace

const Control kSecretRotationDue{
    .id = "TFS-SECRET-006",
    .topic = Topic::kRotationDue,
    .severity = Severity::kMedium,
    .title = "Keys kept as secrets are changed when they are due",
    .types = kDueSecretTypes,
    .reads = kDueSecretReads,
    .evaluate = JudgeSecretDue,
    .why =
        "A key that an application reads from a secret is changed by people, and a date in a calendar goes with the "
        "person. Nobody notices that it has passed.",
    .remedy =
        "change the key, then set the tag NextRotation of the secret to the next date (YYYY-MM-DD). Without a date, "
        "the last change and encryption.rotation.max_period_days decide, which verify --live reads",
    .basis =
        "Organisation (encryption.rotation.max_period_days; PCI DSS 3.7.4: the end of an owner-defined "
        "cryptoperiod). AWS Secrets Manager DescribeSecret: LastChangedDate, LastRotatedDate, NextRotationDate.",
};

const Control kKmsRotationDue{
    .id = "TFS-KMS-005",
    .topic = Topic::kRotationDue,
    .severity = Severity::kMedium,
    .title = "KMS keys that people rotate are rotated when they are due",
    .types = kDueKeyTypes,
    .reads = kDueKeyReads,
    .evaluate = JudgeKeyDue,
    .why =
        "Asymmetric keys, imported material and keys of custom key stores never rotate by themselves: only a date that "
        "somebody wrote down says when it is time.",
    .remedy =
        "rotate the key by making a new one and moving its alias, then set the tag NextRotation to the next date "
        "(YYYY-MM-DD)",
    .basis = "AWS KMS: manual rotation. Organisation; PCI DSS 3.7.4: the end of an owner-defined cryptoperiod.",
};

}  // namespace tfseal
