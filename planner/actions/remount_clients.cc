#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kRemountClientsFields[] = {
    {"file_system", FieldType::kText, true, "file system that is not used any more"},
    {"new_file_system", FieldType::kValue, true, "file system that takes its place"},
    {"clients", FieldType::kTexts, true, "what mounts it, as far as the documents say"},
};

void DeriveRemountClients(Action& action) {
  action.summary = "mount the copy of " + TextField(action, "file_system");
  action.calls.push_back(ConnectionsOf(Field(action, "file_system")));
  action.preconditions.push_back(Check("by_hand",
                                       "a person mounts the new file system, and its access points, wherever the old "
                                       "one was mounted: fstab, launch templates, task definitions, functions"));
  for (const JsonValue& client : action.payload["clients"]) {
    action.preconditions.push_back(Check("by_hand", "point " + client.asString() + " at the new file system"));
  }
  action.postconditions.push_back(
      Check("no_connections", "AWS/EFS ClientConnections shows no connection to the old file system"));
  action.rollback.text =
      "mount the old file system again, which loses what was written since; that is a person's decision";
  action.rollback.possible = false;
  action.point_of_no_return = true;
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "until the clients have mounted it";
}

}  // namespace

const ActionKind kRemountClients = {
    .name = "remount_clients",
    .phase = "cut_over",
    .does = "waits until a person has mounted the new file system; from here on it has files that the old one has not",
    .fields = kRemountClientsFields,
    .derive = DeriveRemountClients,
};

}  // namespace tfseal
