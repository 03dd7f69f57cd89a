#include "planner/plan.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "planner/existing_world.h"
#include "planner/identifiers.h"
#include "planner/in_place.h"
#include "planner/intention.h"
#include "planner/move_database.h"
#include "planner/move_global.h"
#include "planner/parameters.h"
#include "planner/recipe.h"
#include "planner/recipes.h"
#include "planner/schedule.h"
#include "planner/secret_cutover.h"
#include "planner/simulate.h"
#include "planner/strategy.h"
#include "planner/terraform_repair.h"
#include "policy/gate.h"

// How a plan comes about: what exists -> what fails -> changes in place -> (simulated) what then exists -> databases
// that have to be moved -> soak and cleanup -> order -> forbidden calls -> simulation.
namespace tfseal {
namespace {

using terraform::Document;
using terraform::ResourceInstance;

bool Decides(const Finding& finding) {
  return finding.verdict == Verdict::kFail && finding.required && !finding.waived;
}

bool IsMemberType(std::string_view type) {
  return type == "aws_rds_cluster_instance" || type == "aws_docdb_cluster_instance" ||
         type == "aws_neptune_cluster_instance";
}

bool IsAboutStorage(const std::string& attribute) {
  return attribute == "storage_encrypted" || attribute == "kms_key_id" || attribute == "kms_key_arn" ||
         attribute == "replicate_source_db" || attribute == "cluster_identifier";
}

constexpr std::size_t kGlobalNameMax = 63;

// An identifier is unique in an account and a region only; an ARN says both.
std::string WithItsPlace(const Site& site, const ResourceInstance& instance, std::string_view name) {
  if (name.starts_with("arn:")) return std::string(name);
  const Target target = TargetOf(site, instance);
  return target.account + "/" + target.region + "/" + std::string(name);
}

Condition Proven(const Finding& finding) {
  return {"control", finding.control, finding.address, finding.control + " passes on " + finding.address};
}

// Everything that fails on one resource.
struct Group {
  Site* site = nullptr;
  const ResourceInstance* instance = nullptr;
  const Environment* environment = nullptr;
  std::vector<const Finding*> findings;
  std::vector<const Finding*> by_move;  // resolved by moving the database
  bool moves = false;                   // the resource itself is what is moved
  bool to_come = false;                 // a plan creates it
  std::vector<std::string> in_place;    // ids
};

class Planner {
 public:
  Planner(const PolicyFile& policy, const PlanOptions& options)
      : policy_(policy), options_(options), schedule_(policy, draft_) {}

  Result<ActionPlan> Run(std::span<const Document> documents);

 private:
  void ReadSites(std::span<const Document> documents);
  void GroupFindings();
  void ClaimForMoves();
  Group* MoveThatResolves(const Group& group, const Finding& finding);
  void PlanChangesInPlace(Turn& turn);
  void ReconcileInPlace(Turn& turn, Group& group);
  RecipePlan PlanByRecipe(Turn& turn, const Group& group, const Finding& finding, KeyRing& keys);
  Status PrepareMoves();
  Status PlanMoves(Turn& turn);
  Status PlanMove(Turn& turn, Group& group, Database database);
  std::string WhyNotGlobal(const Site& site, const Group& group, const Database& database) const;
  GlobalDatabase DescribeGlobal(const Site& site, const Group& group, const Database& database, const Place& place);
  const Group* GroupAt(int input, std::string_view address) const;
  void PlanCleanup();
  void AddUnresolved(const Group& group, const Finding& finding, const std::string& reason);
  void HoldBackUntilOpen();
  Status Check(const ActionPlan& plan);
  void FillHeader(ActionPlan& plan);
  Target Scope() const;

  const PolicyFile& policy_;
  const PlanOptions& options_;
  Draft draft_;
  Schedule schedule_;
  std::vector<const Document*> given_;
  std::vector<Document> existing_;
  std::deque<World> worlds_;
  std::deque<Site> sites_;
  std::deque<Intention> intentions_;
  std::vector<Group> groups_;
  // (input, identifier with its place, or ARN) of the databases that are moved -> index into groups_.
  std::map<std::pair<int, std::string>, std::size_t> movers_;
  // The worlds after the changes in place of each turn, from which the databases are copied.
  std::deque<std::vector<Document>> hardened_;
  std::deque<World> hardened_worlds_;
  std::deque<Site> hardened_sites_;  // of the current turn
  std::vector<Moved> moved_;
};

void Planner::ReadSites(std::span<const Document> documents) {
  for (const Document& document : documents) given_.push_back(&document);
  std::sort(given_.begin(), given_.end(), [](const Document* a, const Document* b) { return a->sha256 < b->sha256; });
  given_.erase(std::unique(given_.begin(), given_.end(),
                           [](const Document* a, const Document* b) { return a->sha256 == b->sha256; }),
               given_.end());
  for (const Document* document : given_) existing_.push_back(ExistingWorld(*document));
  for (const Document* document : given_) {
    intentions_.push_back(IntentionOf(*document, policy_, options_.now, draft_));
  }
  for (std::size_t i = 0; i < given_.size(); ++i) {
    worlds_.emplace_back(existing_[i], Side::kAfter);
    sites_.push_back({static_cast<int>(i), given_[i], &existing_[i], &worlds_.back(), &policy_, {}});
    for (Finding& finding : Evaluate(existing_[i], policy_, options_.now).findings) {
      // What only environments and the file's own controls ask for has no recipe.
      const Control* control = FindControl(finding.control);
      if (Decides(finding) && (control == nullptr || control->asked != nullptr)) {
        draft_.AddUnresolved({finding.control, std::string(Name(finding.topic)), finding.address, finding.message, "",
                              "change its configuration: an environment or tfseal.yaml itself asks for it"});
      } else if (Decides(finding)) {
        sites_.back().failing.push_back(std::move(finding));
      } else if (finding.verdict == Verdict::kUnknown && finding.required && !finding.waived &&
                 !intentions_[i].created.contains(finding.address)) {
        draft_.AddNote(finding.address + ": " + finding.control + " cannot be judged (" + finding.message +
                       "), so nothing is planned for it");
      }
    }
  }
}

void Planner::GroupFindings() {
  std::map<std::pair<int, std::string_view>, std::size_t> index;
  const auto add = [&](Site& site, const Finding& finding) {
    const ResourceInstance* instance = site.world->At(finding.address);
    if (instance == nullptr) return;
    const auto [found, is_new] =
        index.emplace(std::pair(site.input, std::string_view(instance->address)), groups_.size());
    if (is_new) groups_.push_back({&site, instance, &site.EnvironmentFor(*instance), {}, {}, false, false, {}});
    Group& group = groups_[found->second];
    group.to_come = intentions_[static_cast<std::size_t>(site.input)].created.contains(finding.address);
    group.findings.push_back(&finding);
  };
  for (Site& site : sites_) {
    for (const Finding& finding : site.failing) add(site, finding);
    for (const Finding& finding : intentions_[static_cast<std::size_t>(site.input)].rekeys) add(site, finding);
  }
  std::sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) {
    return std::pair(a.site->input, a.instance->address) < std::pair(b.site->input, b.instance->address);
  });
}

// A finding about the storage of a database is resolved by moving the database: itself, the cluster of a member, the
// source of a replica.
void Planner::ClaimForMoves() {
  for (Group& group : groups_) {
    for (const Finding* finding : group.findings) {
      if (group.to_come) continue;
      const bool about_keys = finding->topic == Topic::kEncryption || finding->topic == Topic::kCustomerKey;
      const bool rekey = finding->topic == Topic::kDataLoss;
      if (!rekey && (!about_keys || !IsAboutStorage(JudgementBehind(*group.site, *finding).attribute))) continue;
      const std::string_view type = group.instance->type;
      const bool replica = !group.instance->after.Get("replicate_source_db").empty();
      if (IsCluster(type) || (IsDatabaseInstance(type) && !replica)) {
        group.by_move.push_back(finding);
        group.moves = true;
      }
    }
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (!groups_[i].moves) continue;
    for (const std::string_view name : {"cluster_identifier", "identifier", "arn"}) {
      const std::string_view text = groups_[i].instance->after.Get(name).text();
      if (text.empty()) continue;
      const Group& group = groups_[i];
      movers_.emplace(std::pair(group.site->input, WithItsPlace(*group.site, *group.instance, text)), i);
    }
  }
  for (Group& group : groups_) {
    for (const Finding* finding : group.findings) {
      if (Group* mover = MoveThatResolves(group, *finding); mover != nullptr && mover != &group) {
        mover->by_move.push_back(finding);
      }
    }
  }
}

Group* Planner::MoveThatResolves(const Group& group, const Finding& finding) {
  const terraform::Value& attributes = group.instance->after;
  const bool about_keys = finding.topic == Topic::kEncryption || finding.topic == Topic::kCustomerKey;
  if (group.instance->type == "aws_rds_global_cluster" && !group.to_come) {
    // The new global database is protected, too.
    if (!about_keys && finding.topic != Topic::kDeletionProtection) return nullptr;
    const auto writer = movers_.find({group.site->input, WriterOf(attributes)});
    return writer == movers_.end() ? nullptr : &groups_[writer->second];
  }
  if (!about_keys || group.to_come || !IsAboutStorage(JudgementBehind(*group.site, finding).attribute)) return nullptr;
  const std::string_view owner = IsMemberType(group.instance->type) ? attributes.Get("cluster_identifier").text()
                                 : IsDatabaseInstance(group.instance->type)
                                     ? attributes.Get("replicate_source_db").text()
                                     : std::string_view();
  if (owner.empty()) return nullptr;
  const auto found = movers_.find({group.site->input, WithItsPlace(*group.site, *group.instance, owner)});
  if (found != movers_.end()) return &groups_[found->second];
  return nullptr;
}

Target Planner::Scope() const {
  Target scope;
  scope.type = "environment";
  return scope;
}

void Planner::AddUnresolved(const Group& group, const Finding& finding, const std::string& reason) {
  const ManualRecipe recipe = ManualRecipeFor(group.instance->type, finding);
  draft_.AddUnresolved({finding.control, std::string(Name(finding.topic)), finding.address, finding.message,
                        recipe.name, reason.empty() ? recipe.reason : reason});
  Turn& turn = schedule_.TurnOf(*group.environment);
  Target target = TargetOf(*group.site, *group.instance);
  draft_.Add(kManual, target,
             Object({{"recipe", Text(recipe.name)},
                     {"reason", Text(reason.empty() ? recipe.reason : reason)},
                     {"steps", Texts(recipe.steps)}}),
             schedule_.PlaceOf(turn, group.site->input), {turn.open}, {MotiveOf(finding)});
}

void Planner::PlanChangesInPlace(Turn& turn) {
  for (Group& group : groups_) {
    if (group.environment != turn.environment) continue;
    KeyRing keys(*group.site, draft_);
    InPlaceChanges changes(*group.site, *group.instance, TargetOf(*group.site, *group.instance),
                           schedule_.PlaceOf(turn, group.site->input), keys, draft_);
    for (const Finding* finding : group.findings) {
      const bool claimed = std::find(group.by_move.begin(), group.by_move.end(), finding) != group.by_move.end() ||
                           MoveThatResolves(group, *finding) != nullptr;
      if (claimed) continue;
      if (group.to_come) {
        if (!PlanBeforeCreation(changes, *finding)) {
          AddUnresolved(group, *finding, "it does not exist yet: change its configuration before it is created");
        }
        continue;
      }
      if (finding->topic == Topic::kPlaintextSecret && group.instance->type == "aws_ecs_task_definition") {
        const auto last =
            PlanSecretCutover(draft_, *group.site, *finding, schedule_.PlaceOf(turn, group.site->input), turn.open);
        turn.last.insert(turn.last.end(), last.begin(), last.end());
        if (!last.empty()) {
          const int days = draft_.At(last.back()).day;
          turn.last_day = std::max(turn.last_day, days);
          draft_.timeline().push_back({turn.day, days, turn.wave, turn.environment->name,
                                       "move the secrets of " + draft_.At(last.back()).target.identifier});
          continue;
        }
      }
      if (PlanInPlace(changes, *finding)) continue;
      const std::string refusal = changes.TakeRefusal();
      const RecipePlan recipe = PlanByRecipe(turn, group, *finding, keys);
      if (!recipe.known || !recipe.refused.empty()) {
        AddUnresolved(group, *finding, recipe.refused.empty() ? refusal : recipe.refused);
      }
    }
    if (group.moves && group.instance->after.Get("deletion_protection").AsBool() != true) {
      const ActionKind& kind = IsCluster(group.instance->type) ? kModifyCluster : kModifyInstance;
      changes.Extra(kind, "service",
                    group.instance->type == "aws_docdb_cluster"     ? "docdb"
                    : group.instance->type == "aws_neptune_cluster" ? "neptune"
                                                                    : "rds");
      changes.Protect(kind, *group.by_move.front());
    }
    group.in_place = changes.Finish(turn.open);
    if (!group.moves) ReconcileInPlace(turn, group);
  }
}

// Stores that are moved to another object.
RecipePlan Planner::PlanByRecipe(Turn& turn, const Group& group, const Finding& finding, KeyRing& keys) {
  const Target target = TargetOf(*group.site, *group.instance);
  RecipePlan recipe = PlanRecipe({*group.site, *group.instance, finding, target,
                                  schedule_.PlaceOf(turn, group.site->input), keys, draft_, turn.open});
  turn.last.insert(turn.last.end(), recipe.last.begin(), recipe.last.end());
  return recipe;
}

// What was changed through the API has to be said in the configuration too, or the next apply takes it back.
void Planner::ReconcileInPlace(Turn& turn, Group& group) {
  std::map<std::string, std::pair<std::string, JsonValue>> by_address;  // type, arguments
  std::set<std::string> edited;                                         // an edit says what was changed, too
  for (const std::string& id : group.in_place) {
    const Action& action = draft_.At(id);
    if (action.kind == &kEditConfiguration || action.kind == &kReconcileTerraform) {
      turn.last.push_back(id);
      edited.insert(action.target.address);
      continue;
    }
    for (const Effect& effect : action.effects) {
      auto& [type, set] = by_address[effect.address];
      type = effect.type;
      for (const std::string& name : effect.attributes.getMemberNames()) set[name] = effect.attributes[name];
    }
  }
  for (const auto& [address, entry] : by_address) {
    if (edited.contains(address)) continue;
    const auto& [type, set] = entry;
    Target target = TargetOf(*group.site, *group.instance);
    const bool added = address != target.address;
    target.address = address;
    target.type = type;
    std::string hcl = HclResource(address, type, set, {"# every other argument as before"});
    if (added) hcl = "import {\n  to = " + address + "\n  id = " + HclValue(Text(target.identifier)) + "\n}\n\n" + hcl;
    turn.last.push_back(draft_.Add(kReconcileTerraform, target,
                                   Object({{"recipe", added ? "import" : "settings"},
                                           {"set", set},
                                           {"hcl", Text(hcl)},
                                           {"commands", Texts(ApplyAndCheck("terraform"))},
                                           {"expected_drift", Texts(set.getMemberNames())},
                                           {"expected_changes", JsonValue(Json::arrayValue)}}),
                                   schedule_.PlaceOf(turn, group.site->input), group.in_place));
  }
}

Status Planner::PrepareMoves() {
  ActionPlan so_far;
  TFSEAL_ASSIGN(so_far.actions, Order(draft_.actions()));
  TFSEAL_ASSIGN(std::vector<Document> worlds, SimulatedWorlds(so_far, existing_));
  hardened_.push_back(std::move(worlds));
  hardened_sites_.clear();
  for (std::size_t i = 0; i < hardened_.back().size(); ++i) {
    const Document& world = hardened_.back()[i];
    hardened_worlds_.emplace_back(world, Side::kAfter);
    hardened_sites_.push_back(sites_[i]);
    hardened_sites_.back().existing = &world;
    hardened_sites_.back().world = &hardened_worlds_.back();
  }
  return {};
}

Status Planner::PlanMoves(Turn& turn) {
  std::vector<std::pair<Group*, Database>> moves;
  for (Group& group : groups_) {
    if (group.environment != turn.environment || !group.moves) continue;
    const Site& site = hardened_sites_[static_cast<std::size_t>(group.site->input)];
    moves.emplace_back(&group, DescribeDatabase(site, *site.world->At(group.instance->address)));
  }
  // Applications in the order of tfseal.yaml; then short names first: a system before its satellites.
  std::sort(moves.begin(), moves.end(), [](const auto& a, const auto& b) {
    const auto key = [](const auto& move) {
      const Target& target = move.second.target;
      return std::tuple(move.second.application_order, target.address.size(), std::string_view(target.address));
    };
    return key(a) < key(b);
  });
  for (auto& [group, database] : moves) TFSEAL_TRY(PlanMove(turn, *group, std::move(database)));
  return {};
}

Status Planner::PlanMove(Turn& turn, Group& group, Database database) {
  Site& site = hardened_sites_[static_cast<std::size_t>(group.site->input)];
  const bool in_global = !database.Text("global_cluster_identifier").empty();
  if (in_global) {
    if (const std::string why = WhyNotGlobal(site, group, database); !why.empty()) {
      for (const Finding* finding : group.by_move)
        AddUnresolved(group, *finding, "the cluster is part of a global database (R-GLOBAL): " + why);
      return {};
    }
    // A secondary is built anew with its primary.
    if (WriterOf(site.world->AttributesOf(*GlobalMembershipOf(site, *database.instance).global)) != database.arn) {
      return {};
    }
  }
  if (database.target.region.empty()) {
    for (const Finding* finding : group.by_move)
      AddUnresolved(group, *finding, "the document has no ARN for it, so its region and account are not known");
    return {};
  }
  const Intention& intention = intentions_[static_cast<std::size_t>(group.site->input)];
  const auto key_to_come = intention.key_to_come.find(database.target.address);
  if (key_to_come != intention.key_to_come.end()) {
    for (const Finding* finding : group.by_move) {
      AddUnresolved(group, *finding,
                    "its key " + key_to_come->second +
                        " does not exist yet: terraform apply -target=" + key_to_come->second + ", then plan again");
    }
    return {};
  }
  const auto wanted = intention.wanted_keys.find(database.target.address);
  std::vector<ConsideredStrategy> considered = ConsiderStrategies(database, options_.strategy);
  const auto chosen = std::find_if(considered.begin(), considered.end(), [](const auto& s) { return s.chosen; });
  if (chosen == considered.end()) {
    const auto refused = std::find_if(considered.begin(), considered.end(),
                                      [this](const auto& s) { return s.name == options_.strategy; });
    return Error{ErrorCode::kUsage,
                 database.target.address + ": " + options_.strategy +
                     " is not possible: " + (refused == considered.end() ? "unknown" : refused->reasons.front()),
                 "leave --strategy out"};
  }
  std::vector<Motive> motives;
  std::vector<Condition> proves;
  for (const Finding* finding : group.by_move) {
    motives.push_back(MotiveOf(*finding));
    // What comes last in a global database proves itself.
    if (finding->type != "aws_rds_global_cluster") proves.push_back(Proven(*finding));
  }
  const Place place = schedule_.PlaceOf(turn, group.site->input);
  KeyRing keys(site, draft_);
  KeyChoice key = keys.For(*database.instance, database.target, place,
                           wanted == intention.wanted_keys.end() ? std::string_view() : wanted->second, motives);
  draft_.databases().push_back({database.target.address, database.target.identifier, database.target.type,
                                database.engine, turn.environment->name, key.text, key.reason, considered,
                                DowntimeOf(database, chosen->name)});
  MoveRequest request{site,           std::move(database),
                      std::move(key), place,
                      motives,        proves,
                      turn.open,      turn.moved.empty() ? std::string() : moved_.back().done,
                      group.in_place, {},
                      nullptr};
  for (const std::string& id : group.in_place) {
    for (const Effect& effect : draft_.At(id).effects) {
      for (const std::string& name : effect.attributes.getMemberNames()) {
        request.in_place_attributes[name] = effect.attributes[name];
      }
    }
  }
  GlobalDatabase global;
  if (in_global) {
    global = DescribeGlobal(site, group, request.database, place);
    request.global = &global;
  }
  turn.moved.push_back(request.database.target.identifier);
  draft_.timeline().push_back(
      {turn.day, turn.day, turn.wave, turn.environment->name, "move " + request.database.target.identifier});
  const bool cluster = request.database.cluster;
  moved_.push_back(chosen->name == "blue-green" ? MoveByBlueGreen(draft_, std::move(request))
                   : cluster                    ? MoveCluster(draft_, std::move(request))
                                                : MoveInstance(draft_, std::move(request)));
  turn.last.push_back(moved_.back().done);
  ++turn.day;
  return {};
}

void Planner::PlanCleanup() {
  if (moved_.empty()) return;
  const std::string open = schedule_.OpenCleanup(moved_.front().place.input, Scope());
  for (const Moved& moved : moved_) Retire(draft_, moved, schedule_.CleanupPlace(moved.place.input), open);
  const Place place = schedule_.CleanupPlace(0);
  draft_.timeline().push_back(
      {place.day, place.day, place.wave, "", "delete the old databases, keeping final snapshots"});
}

const Group* Planner::GroupAt(int input, std::string_view address) const {
  const auto found = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) {
    return group.site->input == input && group.instance->address == address;
  });
  return found == groups_.end() ? nullptr : &*found;
}

// Empty if the whole global database that the cluster belongs to can be moved with its primary.
std::string Planner::WhyNotGlobal(const Site& site, const Group& group, const Database& database) const {
  const GlobalMembership membership = GlobalMembershipOf(site, *database.instance);
  if (!membership.problem.empty()) return membership.problem;
  if (!options_.strategy.empty() && options_.strategy != "snapshot") return "only by snapshot and restore";
  const Group* primary = GroupAt(group.site->input, membership.writer->address);
  if (primary == nullptr || !primary->moves) return "nothing asks for another key of its primary";
  for (const ResourceInstance* secondary : membership.secondaries) {
    const Group* at = GroupAt(group.site->input, secondary->address);
    if (at != nullptr && at->environment != primary->environment) {
      return "its primary and a secondary belong to different environments";
    }
  }
  return {};
}

GlobalDatabase Planner::DescribeGlobal(const Site& site, const Group& group, const Database& database,
                                       const Place& place) {
  const GlobalMembership membership = GlobalMembershipOf(site, *database.instance);
  const terraform::Value& attributes = site.world->AttributesOf(*membership.global);
  GlobalDatabase global;
  global.target = TargetOf(*membership.global, attributes);
  // Its ARN has no region: it is made where its primary is.
  global.target.region = database.target.region;
  global.identifier = database.Text("global_cluster_identifier");
  global.new_identifier = DerivedName(global.identifier, "encrypted", kGlobalNameMax);
  global.names_source = !attributes.Get("source_db_cluster_identifier").empty();
  for (const Finding* finding : group.by_move) {
    if (finding->address == global.target.address) global.proves.push_back(Proven(*finding));
  }
  KeyRing keys(site, draft_);
  for (const ResourceInstance* instance : membership.secondaries) {
    GlobalSecondary secondary{DescribeDatabase(site, *instance), {}, {}, {}, {}};
    if (const Group* of_secondary = GroupAt(group.site->input, instance->address); of_secondary != nullptr) {
      secondary.in_place = of_secondary->in_place;
      for (const Finding* finding : of_secondary->by_move) {
        secondary.motives.push_back(MotiveOf(*finding));
        secondary.proves.push_back(Proven(*finding));
      }
    }
    secondary.key = keys.For(*instance, secondary.database.target, place, "", secondary.motives);
    global.secondaries.push_back(std::move(secondary));
  }
  return global;
}

// Whatever has no other requirement waits for its wave.
void Planner::HoldBackUntilOpen() {
  std::vector<std::pair<std::string, std::string>> held;
  for (const Action& action : draft_.actions()) {
    if (!action.needs.empty() || action.kind == &kOpenWave) continue;
    for (const Turn& turn : schedule_.turns()) {
      if (turn.environment->name == action.environment) held.emplace_back(action.id, turn.open);
    }
  }
  for (const auto& [id, open] : held) draft_.Require(id, open);
}

void Planner::FillHeader(ActionPlan& plan) {
  for (const Document* document : given_) {
    plan.inputs.push_back({document->sha256, document->kind == terraform::DocumentKind::kPlan ? "plan" : "state",
                           std::string(document->terraform_version), document->resources_seen});
  }
  plan.policy_sha256 = policy_.sha256;
  plan.policy_profile = policy_.profile;
  std::set<std::string> accounts;
  std::set<std::string> regions;
  for (const Action& action : plan.actions) {
    if (!action.target.account.empty()) accounts.insert(action.target.account);
    if (!action.target.region.empty()) regions.insert(action.target.region);
  }
  plan.accounts.assign(accounts.begin(), accounts.end());
  plan.regions.assign(regions.begin(), regions.end());
}

Status Planner::Check(const ActionPlan& plan) {
  if (const auto problems = ForbiddenCalls(plan); !problems.empty()) {
    return Error{ErrorCode::kInternal, "the plan would break a promise: " + problems.front(), "please report this"};
  }
  TFSEAL_ASSIGN(const Simulation simulation, Simulate(plan, existing_, policy_, options_.now));
  if (simulation.passes()) return {};
  const std::string what = !simulation.failing.empty()
                               ? simulation.failing.front().control + " on " + simulation.failing.front().address +
                                     " (" + simulation.failing.front().message + ")"
                               : simulation.broken_promises.front();
  return Error{ErrorCode::kInternal, "no plan is written, because its simulation does not pass: " + what,
               "please report this"};
}

Result<ActionPlan> Planner::Run(std::span<const Document> documents) {
  ReadSites(documents);
  GroupFindings();
  ClaimForMoves();
  std::vector<const Environment*> busy;
  std::vector<const Environment*> with_moves;
  for (const Group& group : groups_) {
    busy.push_back(group.environment);
    if (group.moves) with_moves.push_back(group.environment);
  }
  schedule_.Prepare(busy, with_moves);
  for (Turn& turn : schedule_.turns()) {
    schedule_.Open(turn, 0, Scope());
    // Changes in place first: the databases are then copied with the settings that they ought to have.
    PlanChangesInPlace(turn);
    TFSEAL_TRY(PrepareMoves());
    TFSEAL_TRY(PlanMoves(turn));
    schedule_.Close(turn, 0, Scope());
  }
  PlanCleanup();
  HoldBackUntilOpen();
  for (const Intention& intention : intentions_) {
    for (std::string& note : NotesOn(intention, draft_.actions())) draft_.AddNote(std::move(note));
  }
  TFSEAL_ASSIGN(ActionPlan plan, std::move(draft_).Finish());
  FillHeader(plan);
  TFSEAL_TRY(Check(plan));
  return plan;
}

}  // namespace

Result<ActionPlan> MakePlan(std::span<const Document> documents, const PolicyFile& policy, const PlanOptions& options) {
  if (!options.strategy.empty() &&
      std::find(std::begin(kStrategies), std::end(kStrategies), options.strategy) == std::end(kStrategies)) {
    return Error{ErrorCode::kUsage, "unknown strategy " + options.strategy,
                 "one of snapshot, blue-green, logical-replication, dms"};
  }
  return Planner(policy, options).Run(documents);
}

}  // namespace tfseal
