#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kQuiesceFileSystemFields[] = {
    {"file_system", FieldType::kText, true, "file system"},
    {"clients", FieldType::kTexts, true, "what mounts it, as far as the documents say"},
};

void DeriveQuiesceFileSystem(Action& action) {
  action.summary = "unmount " + TextField(action, "file_system") + " everywhere";
  action.calls.push_back(ConnectionsOf(Field(action, "file_system")));
  action.preconditions.push_back(
      Check("by_hand", "a person stops what uses it and unmounts it in every guest: AWS has no call for that"));
  for (const JsonValue& client : action.payload["clients"]) {
    action.preconditions.push_back(Check("by_hand", "stop " + client.asString()));
  }
  action.postconditions.push_back(
      Check("no_connections", "AWS/EFS ClientConnections shows no connection in the last minutes"));
  action.rollback.text = "mount it again; it was not changed";
  action.risk = Risk::kMedium;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "until the clients have mounted the copy; the last changes are copied in minutes, as a rule";
}

}  // namespace

const ActionKind kQuiesceFileSystem = {
    .name = "quiesce_file_system",
    .phase = "fence",
    .does = "waits until a person has unmounted a file system everywhere and nobody is connected",
    .fields = kQuiesceFileSystemFields,
    .derive = DeriveQuiesceFileSystem,
};

}  // namespace tfseal
