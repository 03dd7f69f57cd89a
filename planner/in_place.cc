#include "planner/in_place.h"

#include "planner/existing_world.h"
#include "planner/parameters.h"
#include "planner/terraform_repair.h"

namespace tfseal {

Judgement JudgementBehind(const Site& site, const Finding& finding) {
  const Control* control = FindControl(finding.control);
  const terraform::ResourceInstance* instance = site.world->At(finding.address);
  if (control == nullptr || instance == nullptr) return {};
  const Subject subject{
      *instance, site.world->AttributesOf(*instance), *site.world, site.EnvironmentFor(*instance).requirements, {}};
  return control->evaluate(subject);
}

InPlaceChanges::InPlaceChanges(const Site& site, const terraform::ResourceInstance& instance, Target target,
                               Place place, KeyRing& keys, Draft& draft)
    : site_(site),
      instance_(instance),
      attributes_(site.world->AttributesOf(instance)),
      target_(std::move(target)),
      place_(std::move(place)),
      keys_(keys),
      draft_(draft) {}

KeyChoice InPlaceChanges::Key(const Finding& motive) {
  return keys_.For(instance_, target_, place_, "", {MotiveOf(motive)});
}

void InPlaceChanges::Change(const ActionKind& kind, const Finding& finding, const char* parameter, JsonValue value,
                            const char* attribute, JsonValue shown) {
  auto& [of_kind, call] = calls_[Rank(kind)];
  of_kind = &kind;
  call.settings[parameter] = std::move(value);
  call.attributes[attribute] = std::move(shown);
  const terraform::Value before = attributes_.Get(attribute);
  // Only numbers and switches: whatever else an attribute holds stays out of the plan.
  if (!before.sensitive() &&
      (before.kind() == terraform::ValueKind::kBool || before.kind() == terraform::ValueKind::kNumber)) {
    call.previous[attribute] = ToJson(before);
  }
  if (call.findings.empty() || call.findings.back() != &finding) call.findings.push_back(&finding);
}

void InPlaceChanges::Protect(const ActionKind& kind, const Finding& motive) {
  auto& [of_kind, call] = calls_[Rank(kind)];
  of_kind = &kind;
  call.settings["DeletionProtection"] = true;
  call.attributes["deletion_protection"] = true;
  call.motives.push_back(MotiveOf(motive));
}

void InPlaceChanges::Extra(const ActionKind& kind, const char* field, JsonValue value) {
  calls_[Rank(kind)].second.extra[field] = std::move(value);
}

void InPlaceChanges::Needs(const ActionKind& kind, const std::vector<std::string>& ids) {
  auto& needs = calls_[Rank(kind)].second.needs;
  needs.insert(needs.end(), ids.begin(), ids.end());
}

void InPlaceChanges::Argument(const Finding& finding, const char* attribute, JsonValue value) {
  arguments_[attribute] = std::move(value);
  if (argument_findings_.empty() || argument_findings_.back() != &finding) argument_findings_.push_back(&finding);
}

void InPlaceChanges::RemoveArgument(const char* attribute) {
  removed_.emplace_back(attribute);
}

void InPlaceChanges::Move(StoreMover mover, const Finding& finding) {
  mover_ = mover;
  moved_.push_back(&finding);
}

std::vector<std::string> InPlaceChanges::PlanMove(const std::vector<std::string>& in_place, const std::string& after) {
  StoreMove move{*this, moved_, in_place};
  move.needs.push_back(after);
  for (const std::string& id : in_place) {
    for (const Effect& effect : draft_.At(id).effects) {
      if (effect.address != target_.address) continue;
      for (const std::string& name : effect.attributes.getMemberNames()) {
        move.attributes[name] = effect.attributes[name];
      }
    }
  }
  return mover_(move);
}

void InPlaceChanges::AddControls(const std::string& id, const std::vector<const Finding*>& findings) {
  for (const Finding* finding : findings) {
    draft_.AddPostcondition(
        id, {"control", finding->control, finding->address, finding->control + " passes on " + finding->address});
  }
}

// A configuration without what was changed through the API would take that back: it is written in the same edit.
void InPlaceChanges::AddWhatWasChanged(const std::vector<std::string>& ids, std::vector<std::string>& needs) {
  for (const std::string& id : ids) {
    for (const Effect& effect : draft_.At(id).effects) {
      if (effect.address != target_.address) continue;
      needs.push_back(id);
      for (const std::string& name : effect.attributes.getMemberNames()) {
        if (!arguments_.isMember(name)) arguments_[name] = effect.attributes[name];
      }
    }
  }
}

std::vector<std::string> InPlaceChanges::Finish(const std::string& after) {
  std::vector<std::string> ids = planned_;
  for (auto& [rank, entry] : calls_) {
    auto& [kind, call] = entry;
    JsonValue payload = call.extra;
    payload["settings"] = call.settings;
    payload["attributes"] = call.attributes;
    if (!call.previous.empty()) payload["previous"] = call.previous;
    std::vector<Motive> motives = call.motives;
    for (const Finding* finding : call.findings) motives.push_back(MotiveOf(*finding));
    call.needs.push_back(after);
    ids.push_back(draft_.Add(*kind, target_, payload, place_, call.needs, motives));
    AddControls(ids.back(), call.findings);
  }
  if (!arguments_.empty()) {
    std::vector<std::string> needs = {after};
    AddWhatWasChanged(ids, needs);
    std::vector<Motive> motives;
    for (const Finding* finding : argument_findings_) motives.push_back(MotiveOf(*finding));
    const std::string hcl =
        HclResource(target_.address, target_.type, arguments_, {"# every other argument as before"});
    JsonValue payload = Object({{"set", arguments_},
                                {"hcl", Text(hcl)},
                                {"commands", Texts(ApplyAndCheck("terraform"))},
                                {"why", "AWS has no setting for these arguments, or nothing to set them on yet"}});
    if (!removed_.empty()) payload["remove"] = Texts(removed_);
    ids.push_back(draft_.Add(kEditConfiguration, target_, payload, place_, needs, motives));
    AddControls(ids.back(), argument_findings_);
  }
  if (mover_ != nullptr) {
    const std::vector<std::string> moved = PlanMove(ids, after);
    ids.insert(ids.end(), moved.begin(), moved.end());
  }
  return ids;
}

bool PlanInPlace(InPlaceChanges& changes, const Finding& finding) {
  return PlanDatabaseInPlace(changes, finding) || PlanStoreInPlace(changes, finding);
}

}  // namespace tfseal
