#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "planner/draft.h"
#include "planner/key_choice.h"

namespace tfseal {

// What decided a finding, asked of its control again, because findings carry text only.
Judgement JudgementBehind(const Site& site, const Finding& finding);

class InPlaceChanges;

// A store that has to be written anew, planned once for all its findings, after the changes in place.
struct StoreMove {
  InPlaceChanges& changes;
  std::vector<const Finding*> findings;
  std::vector<std::string> needs;           // ids of the changes in place, and what they require
  JsonValue attributes{Json::objectValue};  // what they set
};
// Adds the actions of the move to the draft and returns their ids, the one that brings Terraform in line among them.
using StoreMover = std::vector<std::string> (*)(const StoreMove&);

// Changes of one resource that AWS makes in place, collected so that one call makes all of one kind.
class InPlaceChanges {
 public:
  InPlaceChanges(const Site& site, const terraform::ResourceInstance& instance, Target target, Place place,
                 KeyRing& keys, Draft& draft);

  [[nodiscard]] const Site& site() const { return site_; }
  [[nodiscard]] const terraform::Value& attributes() const { return attributes_; }
  [[nodiscard]] const terraform::ResourceInstance& instance() const { return instance_; }
  [[nodiscard]] const Target& target() const { return target_; }
  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] const Requirements& requirements() const { return site_.EnvironmentFor(instance_).requirements; }
  [[nodiscard]] Draft& draft() { return draft_; }

  // The key for this resource. `motive` is the finding that asks for it.
  KeyChoice Key(const Finding& motive);
  // One parameter of the call and the attribute it shows as.
  void Change(const ActionKind& kind, const Finding& finding, const char* parameter, JsonValue value,
              const char* attribute, JsonValue shown);
  // Deletion protection of a database that is about to be moved, also where nobody requires it.
  void Protect(const ActionKind& kind, const Finding& motive);
  // An action that was added to the draft directly.
  void Planned(const std::string& id) { planned_.push_back(id); }
  // Resolves `finding` by a move.
  void Move(StoreMover mover, const Finding& finding);
  // Why a recipe does not fit this resource, for the person who has to do it then.
  void Refuse(std::string reason) { refusal_ = std::move(reason); }
  // Empty, or why nothing was planned for the last finding.
  std::string TakeRefusal() { return std::exchange(refusal_, {}); }
  // A field of the payload beside settings and attributes.
  void Extra(const ActionKind& kind, const char* field, JsonValue value);
  void Needs(const ActionKind& kind, const std::vector<std::string>& ids);
  // An argument that only Terraform knows.
  void Argument(const Finding& finding, const char* attribute, JsonValue value);
  void RemoveArgument(const char* attribute);

  // Adds the collected actions to the draft; `after` is required by all. Returns their ids.
  std::vector<std::string> Finish(const std::string& after);

 private:
  struct Call {
    JsonValue settings{Json::objectValue}, attributes{Json::objectValue}, previous{Json::objectValue};
    JsonValue extra{Json::objectValue};
    std::vector<const Finding*> findings;  // that it resolves
    std::vector<Motive> motives;           // that it only serves
    std::vector<std::string> needs;
  };
  std::vector<std::string> PlanMove(const std::vector<std::string>& in_place, const std::string& after);
  void AddWhatWasChanged(const std::vector<std::string>& ids, std::vector<std::string>& needs);
  void AddControls(const std::string& id, const std::vector<const Finding*>& findings);

  const Site& site_;
  const terraform::ResourceInstance& instance_;
  const terraform::Value& attributes_;
  Target target_;
  Place place_;
  KeyRing& keys_;
  Draft& draft_;
  std::map<int, std::pair<const ActionKind*, Call>> calls_;  // by rank
  JsonValue arguments_{Json::objectValue};
  std::vector<std::string> removed_;
  std::vector<const Finding*> argument_findings_;
  std::vector<std::string> planned_;
  StoreMover mover_ = nullptr;
  std::vector<const Finding*> moved_;
  std::string refusal_;
};

// Plans the change that resolves `finding`. False if there is none in place: the resource has to be moved, or nobody
// has written it yet.
bool PlanInPlace(InPlaceChanges& changes, const Finding& finding);

// Databases: retention, deletion protection, final snapshot, log exports, IAM authentication, public access.
bool PlanDatabaseInPlace(InPlaceChanges& changes, const Finding& finding);
// Keys, tables, queues, topics, streams, logs, trails, secrets, buckets, warehouses.
bool PlanStoreInPlace(InPlaceChanges& changes, const Finding& finding);

}  // namespace tfseal
