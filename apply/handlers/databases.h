#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "apply/handler.h"
#include "core/time_text.h"

// Clusters, instances and their snapshots, as RDS, DocumentDB and Neptune describe them: the three share operations and
// members of answers.
namespace tfseal {

// A cluster or an instance, and which API it belongs to.
struct DatabaseName {
  std::string service;  // rds, docdb, neptune
  bool cluster = true;
  std::string identifier;

  // "cluster orders-db"
  [[nodiscard]] std::string Text() const { return (cluster ? "cluster " : "instance ") + identifier; }
};

// Nothing if there is none.
Result<std::optional<JsonValue>> FindDatabase(const DatabaseName& name, const Action& action, RunContext& context);
// The same; that there is none is an error.
Result<JsonValue> GetDatabase(const DatabaseName& name, const Action& action, RunContext& context);
// By the resource id, which a rename does not change.
Result<std::optional<JsonValue>> FindByResource(const DatabaseName& any_name, const std::string& resource,
                                                const Action& action, RunContext& context);
Result<std::optional<JsonValue>> FindSnapshot(const DatabaseName& of, const std::string& snapshot, const Action& action,
                                              RunContext& context);

std::string StatusOf(const JsonValue& described);
std::string IdentifierOf(const JsonValue& described);
std::string ResourceOf(const JsonValue& described);
// Ids of its security groups; empty while one is being added or removed.
std::set<std::string> SecurityGroupsOf(const JsonValue& described);

// Nothing if it is available; else that AWS is not done yet, or what is wrong and how it is mended.
std::optional<Probe> NotAvailable(const DatabaseName& name, const JsonValue& described);
// The same for a snapshot.
std::optional<Probe> SnapshotNotAvailable(const std::string& snapshot, const JsonValue& described);

// Why it is not encrypted under `key` (an ARN); empty if it is. Works on clusters, instances and both snapshots.
std::string WrongKey(const JsonValue& described, const std::string& key);

// What later actions and the journal may hold of a description: identity, endpoint, encryption, status. No secret.
JsonValue Essentials(const JsonValue& described);

// Sends the call. Where the thing exists already, the error is kConflict, and the executor looks again: what is taken
// may be its own, and may be somebody else's.
Status SendChange(const ApiCall& call, const Action& action, RunContext& context);

// Whether the database called `identifier` is the one that was recorded, fenced, and so not the one in use. The error
// says what it is instead.
Status IsTheOldOne(const DatabaseName& name, const JsonValue& described, const Action& action, RunContext& context);

// A member of an object, if it is a text.
std::string TextOf(const JsonValue& object, const char* member);
// The payload's service (rds where it has none), a name and what it names.
DatabaseName NameIn(const Action& action, const char* identifier_field, bool cluster);

}  // namespace tfseal
