#include "policy/controls/database.h"

#include <fmt/format.h>

#include <algorithm>

namespace tfseal {

using terraform::ResourceInstance;
using terraform::Value;

bool LeftToAws(const Subject& subject, std::string_view path) {
  return subject.At(path).unknown() && LeftToProvider(subject, path);
}

bool MadeFromACopy(const Subject& subject, std::initializer_list<std::string_view> sources) {
  return std::any_of(sources.begin(), sources.end(), [&](std::string_view source) {
    return !subject.At(source).empty() && !LeftToAws(subject, source);
  });
}

Judgement RequireCustomerKeyIfEncrypted(const Subject& subject, const EncryptionSwitch& encryption,
                                        std::string_view key, DefaultKey if_unset) {
  const Value encrypted = subject.At(encryption.attribute);
  const bool off = encrypted.empty() ? encryption.if_unset == IfUnset::kFail : encrypted.AsBool() == false;
  if (off) return NotApplicable(fmt::format("not encrypted, so there is no key to judge ({})", encryption.attribute));
  return RequireCustomerKey(subject, key, DefaultKeyInBlock(subject, encryption.attribute, if_unset));
}

DefaultKey DefaultKeyInBlock(const Subject& subject, std::string_view sibling, DefaultKey if_unset) {
  if (sibling.find('[') == std::string_view::npos || !subject.At(sibling).known()) return if_unset;
  const Origin& origin = subject.world.OriginOf(subject.instance, sibling);
  return origin.known && !origin.configured ? DefaultKey::kNone : if_unset;
}

Judgement RequireBoolOrDefault(const Subject& subject, std::string_view path, bool wanted, IfUnset if_unset,
                               std::string_view otherwise) {
  const bool left_to_aws = LeftToAws(subject, path);
  if (!left_to_aws || if_unset == IfUnset::kUnknown) return RequireBool(subject, path, wanted, if_unset, otherwise);
  const std::string message = fmt::format("{} is not set", path);
  if (if_unset == IfUnset::kPass) return Pass(message, path);
  if (if_unset == IfUnset::kNotApplicable) return NotApplicable(message);
  return Fail(fmt::format("{}: {}", message, otherwise), path);
}

Judgement RequireRetention(const Subject& subject, std::string_view days, double by_default) {
  const double minimum = subject.requirements.retention_min_days;
  const bool left_to_aws = LeftToAws(subject, days) || subject.At(days).empty();
  if (!left_to_aws || by_default < 0) return RequireAtLeast(subject, days, minimum, IfUnset::kUnknown, "days");
  const std::string message = fmt::format("{} is not set, so AWS keeps {} days", days, by_default);
  Judgement judgement = by_default >= minimum
                            ? Pass(message, days)
                            : Fail(fmt::format("{}: at least {} days are required", message, minimum), days);
  judgement.strength = by_default;
  return judgement;
}

Judgement RequireFinalSnapshot(const Subject& subject, std::string_view skip, std::string_view identifier) {
  Judgement judgement = RequireBool(subject, skip, false, IfUnset::kPass, "deleting it leaves nothing behind");
  if (judgement.verdict != Verdict::kPass) return judgement;
  if (subject.At(identifier).empty()) {
    judgement.message += fmt::format(", but {} is not set: a destroy stops with an error", identifier);
  }
  return judgement;
}

Judgement RequireDeletionProtection(const Subject& subject, std::string_view path) {
  return RequireBool(subject, path, true, IfUnset::kFail, "anyone who may delete it can do so in one call");
}

Judgement RequireLogExports(const Subject& subject, std::string_view path) {
  const Value exports = subject.At(path);
  if (exports.unknown()) return UnknownUntilApply(path);
  Judgement judgement = exports.empty() ? Fail(fmt::format("{} is empty: no log leaves the database", path), path)
                                        : Pass(fmt::format("{} is set", path), path);
  if (exports.is_list()) judgement.strength = static_cast<double>(exports.items().size());
  if (exports.empty()) judgement.strength = 0;
  return judgement;
}

Judgement RequireNotSharedWithAll(const Subject& subject, std::string_view path) {
  const Value accounts = subject.At(path);
  if (accounts.empty()) return Pass(fmt::format("{} is empty", path), path);
  for (const Value& account : accounts.items()) {
    if (account.text() == "all")
      return Fail(fmt::format("{} contains \"all\": every AWS account can restore it", path), path);
  }
  if (accounts.AnyUnknown()) return UnknownUntilApply(path);
  return Pass(fmt::format("{} names accounts, not everyone", path), path);
}

Verdict EncryptionOfOwner(const Subject& subject, const ResourceInstance& owner, const Belonging& belonging) {
  const Value& attributes = subject.world.AttributesOf(owner);
  const Value theirs = attributes.At(belonging.their_switch);
  if (const auto flag = theirs.AsBool(); flag.has_value()) return *flag ? Verdict::kPass : Verdict::kFail;
  if (belonging.control == nullptr) return Verdict::kUnknown;
  return belonging.control->evaluate({owner, attributes, subject.world, subject.requirements, subject.now}).verdict;
}

Judgement RequireEncryptedLike(const Subject& subject, std::string_view own_switch, const Belonging& belonging) {
  const Value own = subject.At(own_switch);
  if (const auto flag = own.AsBool(); flag.has_value()) {
    return RequireBool(subject, own_switch, true, IfUnset::kUnknown, "");
  }
  const auto others = subject.world.Follow(subject.instance, belonging.attribute, belonging.type, belonging.keys);
  if (others.empty()) {
    Judgement judgement = UnknownUntilApply(own_switch);
    judgement.message +=
        fmt::format(", and no {} of this document is named by {}", belonging.type, belonging.attribute);
    return judgement;
  }
  bool unknown = false;
  for (const ResourceInstance* other : others) {
    const Verdict verdict = EncryptionOfOwner(subject, *other, belonging);
    if (verdict == Verdict::kFail) {
      const bool says = subject.world.AttributesOf(*other).At(belonging.their_switch).AsBool().has_value();
      return Fail(fmt::format("{} is not encrypted ({} is {})", other->address, belonging.their_switch,
                              says ? "false" : "not set"),
                  belonging.attribute);
    }
    unknown = unknown || verdict != Verdict::kPass;
  }
  if (!unknown) return Pass(fmt::format("encrypted with {}", others.front()->address), belonging.attribute);
  Judgement judgement = UnknownUntilApply(own_switch);
  judgement.message = fmt::format("whether {} is encrypted is not known", others.front()->address);
  return judgement;
}

Judgement AsOwnerIsJudged(const Subject& subject, const Belonging& belonging, const Control& control) {
  const auto owners = subject.world.Follow(subject.instance, belonging.attribute, belonging.type, belonging.keys);
  if (owners.empty()) {
    Judgement judgement = UnknownUntilApply(belonging.attribute);
    judgement.message = fmt::format("what {} names is not in this document", belonging.attribute);
    return judgement;
  }
  Judgement judgement;
  for (const ResourceInstance* owner : owners) {
    judgement = control.evaluate({*owner, subject.world.AttributesOf(*owner), subject.world, subject.requirements});
    judgement.message = fmt::format("as {}: {}", owner->address, judgement.message);
    if (judgement.verdict != Verdict::kPass) break;
  }
  return judgement;
}

}  // namespace tfseal
