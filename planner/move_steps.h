#pragma once

#include <string>
#include <vector>

#include "planner/move_database.h"
#include "planner/parameters.h"

namespace tfseal {

// The steps that moving a cluster and moving an instance share. Each returns the id of what it added; a name that ends
// in All returns several.
class MoveSteps {
 public:
  MoveSteps(Draft& draft, const MoveRequest& request) : draft_(draft), request_(request) {}

  std::string Add(const ActionKind& kind, JsonValue payload, const std::vector<std::string>& needs);
  std::string AddFor(const Target& target, const ActionKind& kind, JsonValue payload,
                     const std::vector<std::string>& needs);

  // Inventory and preflight. `new_names` and `new_snapshots` must be free.
  std::string Prepare(const std::vector<std::string>& new_names, const std::vector<std::string>& new_snapshots);
  // Stops the services, fences the database, proves that nothing writes.
  std::string Fence(const std::string& after);
  // Where RDS keeps the password: the copy has another secret, and a person tells its readers. Otherwise `after`.
  std::string PassOnPassword(const std::string& copy, const std::string& after);
  // The old database, again, right before the names are swapped.
  std::string FenceAgain(const std::string& copy, const std::string& after);
  std::string Validate(const JsonValue& copy, const std::vector<std::string>& needs,
                       const JsonValue& members = JsonValue(), bool online = false);
  // What proves that the snapshot has everything.
  [[nodiscard]] JsonValue QuiescentAt() const { return OutputOf(quiet_, "quiescent_at"); }
  // `resource` is the resource id of the copy. Opens the new database, starts the services, checks their health.
  std::string Open(const std::vector<std::string>& needs, const JsonValue& resource, const std::string& original);
  // The quarantine group's id, as an output.
  JsonValue Quarantine();
  [[nodiscard]] const std::string& group() const { return group_; }
  // The action that recorded the original.
  [[nodiscard]] const std::string& inventory() const { return inventory_; }
  // The resource id of the original, of an instance of it or of a replica.
  [[nodiscard]] JsonValue ResourceOf(const std::string& identifier) const;
  // What the address has once the new database has its name.
  [[nodiscard]] JsonValue AttributesAfter() const;

  // Attaches the controls that must pass to `id`.
  void Prove(const std::string& id);

 private:
  Draft& draft_;
  const MoveRequest& request_;
  [[nodiscard]] JsonValue Users() const;
  [[nodiscard]] JsonValue DesiredCount(std::size_t user) const;
  [[nodiscard]] JsonValue FencePayload(const char* round) const;
  void NameConnection(JsonValue& payload) const;
  std::string Proof(const char* round, const std::string& fenced, const std::string& copy = "");

  std::string group_;
  std::string inventory_;
  std::string quiet_;        // id of the proof before the snapshot
  std::string quiet_again_;  // and of the one before the names are swapped
  std::string validated_;
};

// Steps after the rename: custom endpoints, auto scaling of readers, proxies.
std::vector<std::string> Reattach(MoveSteps& steps, const Site& site, const Database& database,
                                  const std::string& after);

}  // namespace tfseal
