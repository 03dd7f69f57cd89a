#include <fmt/format.h>

#include <algorithm>

#include "aws/observe/permission.h"
#include "aws/observe/snapshot_builder.h"

namespace tfseal::observe {
namespace {

using aws::Call;
using terraform::Document;
using terraform::ResourceInstance;

Call CallFor(const Listing& listing, const std::string& region) {
  bool complete = true;
  return {std::string(listing.service), std::string(listing.operation), region,
          FillInParameters(
              listing.parameters, [](std::string_view) { return std::string(); }, &complete)};
}

// What people call it: the first identifier that is no ARN, else the end of the ARN.
std::string NameOf(const JsonValue& identity) {
  for (const char* name : {"name", "identifier", "cluster_identifier", "function_name", "id", "arn"}) {
    if (!identity.isMember(name) || !identity[name].isString()) continue;
    const std::string text = identity[name].asString();
    if (!text.starts_with("arn:")) return text;
    const std::size_t at = text.find_last_of(":/");
    if (std::string_view(name) == "arn" || std::string_view(name) == "id") {
      // The family and revision of a task definition, the name of a secret: all after the resource type.
      const std::size_t slash = text.find('/');
      return text.substr((slash == std::string::npos ? at : slash) + 1);
    }
  }
  return "default";
}

std::string AddressOf(std::string_view type, const std::string& region, const std::string& name) {
  return fmt::format("live.{}[\"{}/{}\"]", type, region, name);
}

bool IsKnown(const JsonValue& identity, const std::vector<std::string>& known) {
  for (const char* name : {"arn", "id"}) {
    if (identity.isMember(name) && identity[name].isString() &&
        std::find(known.begin(), known.end(), identity[name].asString()) != known.end()) {
      return true;
    }
  }
  return false;
}

// The objects that one listing found.
void AddListed(const ObservedType& type, const std::string& region, const JsonValue& answer,
               const std::vector<std::string>& known, std::vector<Target>* targets) {
  for (const JsonValue* item : FindAll(answer, type.listing.objects)) {
    Target target;
    target.type = &type;
    target.type_name = type.type;
    MapAttributes(
        type.listing.identity, item, [](std::string_view) { return JsonValue(); }, &target.identity);
    if (IsKnown(target.identity, known)) continue;
    target.region = target.identity.isMember("region") && target.identity["region"].isString()
                        ? target.identity["region"].asString()
                        : region;
    target.address = AddressOf(type.type, target.region, NameOf(target.identity));
    if (type.listing.complete && !type.reads.empty()) {
      const Read& first = type.reads.front();
      if (!first.exists_if.empty() && !Passes(*item, first.exists_if)) continue;
      MapAttributes(
          first.attributes, item, [](std::string_view) { return UnknownJson(); }, &target.attributes);
      target.described = 1;
      target.answered = true;
    }
    targets->push_back(std::move(target));
  }
}

bool Wanted(std::span<const std::string_view> types, std::string_view type) {
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

Unlisted NotListed(const ObservedType& type, const Call& call, const Error& error) {
  Unlisted unlisted;
  unlisted.type = type.type;
  unlisted.region = call.region;
  unlisted.action = ActionOf(call.service, call.operation);
  unlisted.code = error.code;
  if (error.code == ErrorCode::kPermissionDenied) {
    unlisted.reason = fmt::format("{} is not allowed", unlisted.action);
    unlisted.hint = fmt::format("allow {}; `tfseal doctor --iam verify` prints the whole policy", unlisted.action);
  } else {
    unlisted.reason = fmt::format("{} failed{}", unlisted.action,
                                  error.service_code.empty() ? "" : fmt::format(" ({})", error.service_code));
    unlisted.hint = error.hint;
  }
  return unlisted;
}

struct Request {
  const ObservedType* type;
  Call call;
};

std::vector<Target> ListTargets(Requests& requests, std::span<const std::string> regions,
                                std::span<const std::string_view> types, const std::vector<std::string>& known,
                                Observation* observation) {
  std::vector<Request> wanted;
  std::vector<Call> calls;
  for (const ObservedType* type : ObservedTypes()) {
    if (type->listing.service.empty() || !Wanted(types, type->type)) continue;
    for (std::size_t i = 0; i < regions.size(); ++i) {
      if (type->global && i > 0) break;
      wanted.push_back({type, CallFor(type->listing, regions[i])});
      calls.push_back(wanted.back().call);
    }
  }
  requests.SendPaged(calls);
  std::vector<Target> targets;
  for (const Request& request : wanted) {
    const auto& answer = requests.AnswerTo(request.call);
    if (answer.ok()) {
      AddListed(*request.type, request.call.region, *answer, known, &targets);
    } else {
      observation->unlisted.push_back(NotListed(*request.type, request.call, answer.error()));
    }
  }
  return targets;
}

// Settings of each object of another type.
void AddSettings(std::span<const std::string_view> types, std::vector<Target>* targets) {
  const std::size_t listed = targets->size();
  for (const ObservedType* type : ObservedTypes()) {
    if (type->listing.of_each.empty() || !Wanted(types, type->type)) continue;
    for (std::size_t i = 0; i < listed; ++i) {
      if ((*targets)[i].type_name != type->listing.of_each) continue;
      Target target;
      target.type = type;
      target.type_name = type->type;
      target.region = (*targets)[i].region;
      target.identity = (*targets)[i].identity;
      target.identity["file_system_id"] = target.identity["id"];
      target.identity["backup_vault_name"] = target.identity["id"];
      target.identity["repository"] = target.identity["id"];
      target.address = AddressOf(type->type, target.region, NameOf(target.identity));
      targets->push_back(std::move(target));
    }
  }
}

Document EmptyDocument() {
  Document document;
  document.path = "AWS";
  document.kind = terraform::DocumentKind::kState;
  document.state_version = 4;
  return document;
}

Observation ReadAll(Requests& requests, std::vector<Target> targets, Observation observation) {
  observation.documents.push_back(EmptyDocument());
  ReadTargets(requests, &targets, &observation);
  // What was listed a moment ago and has no such setting, or is not ours, is nothing that anybody lost.
  observation.gone.clear();
  std::erase_if(targets, [](const Target& target) { return target.gone; });
  BuildDocuments(targets, &observation);
  LookUpKeys(requests, targets, &observation);
  return observation;
}

constexpr std::string_view kDatabaseTypes[] = {"aws_rds_cluster",      "aws_db_instance",
                                               "aws_docdb_cluster",    "aws_neptune_cluster",
                                               "aws_redshift_cluster", "aws_elasticache_replication_group",
                                               "aws_dynamodb_table"};
constexpr std::string_view kSnapshotTypes[] = {"aws_db_cluster_snapshot", "aws_db_snapshot",
                                               "aws_docdb_cluster_snapshot", "aws_neptune_cluster_snapshot"};

// ARNs and identifiers of everything that a document manages, and what its databases are called.
struct Managed {
  std::vector<std::string> known;
  std::set<std::string> databases;
  std::set<std::string> families;  // task definitions
  bool has_databases = false;
};

Managed ManagedBy(const Observation& observation) {
  Managed managed;
  for (const Document& document : observation.documents) {
    for (const ResourceInstance& instance : document.resources) {
      for (const std::string_view name : {"arn", "id", "db_snapshot_arn", "db_cluster_snapshot_arn"}) {
        const std::string_view text = instance.after.Get(name).text();
        if (!text.empty()) managed.known.emplace_back(text);
      }
      if (instance.type == "aws_ecs_task_definition")
        managed.families.insert(std::string(instance.after.Get("family").text()));
      if (std::find(std::begin(kDatabaseTypes), std::end(kDatabaseTypes), instance.type) == std::end(kDatabaseTypes)) {
        continue;
      }
      managed.has_databases = true;
      for (const std::string_view name : {"cluster_identifier", "identifier"}) {
        const std::string_view text = instance.after.Get(name).text();
        if (!text.empty()) managed.databases.insert(std::string(text));
      }
    }
  }
  managed.families.erase("");
  return managed;
}

// A snapshot is told about if it is of a database that Terraform manages.
bool BelongsTo(const Managed& managed, const Target& target) {
  if (std::find(std::begin(kSnapshotTypes), std::end(kSnapshotTypes), target.type_name) == std::end(kSnapshotTypes)) {
    return true;
  }
  for (const char* name : {"db_cluster_identifier", "db_instance_identifier"}) {
    if (target.attributes.isMember(name) && target.attributes[name].isString() &&
        managed.databases.contains(target.attributes[name].asString())) {
      return true;
    }
  }
  return false;
}

constexpr std::size_t kRevisionsMax = 50;  // of a family, the newest

void AddRevisions(Requests& requests, const Managed& managed, std::span<const std::string> regions,
                  std::vector<Target>* targets, Observation* observation) {
  const ObservedType* type = FindObservedType("aws_ecs_task_definition");
  std::vector<Call> calls;
  for (const std::string& region : regions) {
    for (const std::string& family : managed.families) {
      for (const char* status : {"ACTIVE", "INACTIVE"}) {
        JsonValue parameters(Json::objectValue);
        parameters["familyPrefix"] = family;
        parameters["status"] = status;
        parameters["sort"] = "DESC";
        calls.push_back({"ecs", "ListTaskDefinitions", region, std::move(parameters)});
      }
    }
  }
  requests.Send(calls);
  std::vector<Call> reads;
  for (const Call& call : calls) {
    const auto& answer = requests.AnswerTo(call);
    if (!answer.ok()) {
      observation->unlisted.push_back(NotListed(*type, call, answer.error()));
      continue;
    }
    std::size_t kept = 0;
    for (const JsonValue* item : FindAll(*answer, "taskDefinitionArns")) {
      const std::string arn = item->asString();
      // The prefix is one of names: only this family, not others that start alike.
      const std::string family = arn.substr(arn.find('/') + 1, arn.rfind(':') - arn.find('/') - 1);
      if (family != call.parameters["familyPrefix"].asString() || kept == kRevisionsMax) continue;
      if (std::find(managed.known.begin(), managed.known.end(), arn) != managed.known.end()) continue;
      ++kept;
      JsonValue parameters(Json::objectValue);
      parameters["taskDefinition"] = arn;
      reads.push_back({"ecs", "DescribeTaskDefinition", call.region, std::move(parameters)});
    }
  }
  requests.Send(reads);
  for (const Call& read : reads) {
    const auto& answer = requests.AnswerTo(read);
    if (!answer.ok()) continue;  // deleted meanwhile, or not allowed: the managed revision says so already
    Target target;
    target.type = type;
    target.type_name = type->type;
    target.region = read.region;
    target.identity["id"] = read.parameters["taskDefinition"];
    target.identity["arn"] = read.parameters["taskDefinition"];
    const JsonValue* object = Find(*answer, "taskDefinition");
    if (object == nullptr) continue;
    target.identity["family"] = (*object)["family"];
    MapAttributes(
        type->reads.front().attributes, object, [](std::string_view) { return UnknownJson(); }, &target.attributes);
    const std::string arn = read.parameters["taskDefinition"].asString();
    target.address = AddressOf(type->type, read.region, arn.substr(arn.find('/') + 1));
    target.described = type->reads.size();
    target.answered = true;
    targets->push_back(std::move(target));
  }
}

void AddBackups(Requests& requests, const Managed& managed, std::span<const std::string> regions,
                Unmanaged* unmanaged) {
  struct Kind {
    const char* operation;
    const char* objects;
    const char* name;
    const char* encrypted;
  };
  constexpr Kind kKinds[] = {
      {"DescribeDBInstanceAutomatedBackups", "DBInstanceAutomatedBackups", "DBInstanceIdentifier", "Encrypted"},
      {"DescribeDBClusterAutomatedBackups", "DBClusterAutomatedBackups", "DBClusterIdentifier", "StorageEncrypted"}};
  std::vector<Call> calls;
  for (const std::string& region : regions) {
    for (const Kind& kind : kKinds) calls.push_back({"rds", kind.operation, region, JsonValue(Json::objectValue)});
  }
  requests.SendPaged(calls);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const Kind& kind = kKinds[i % 2];
    const auto& answer = requests.AnswerTo(calls[i]);
    if (!answer.ok()) {
      Unlisted unlisted = NotListed(*FindObservedType("aws_db_instance"), calls[i], answer.error());
      unlisted.type = "automated backups";
      unmanaged->found.unlisted.push_back(std::move(unlisted));
      continue;
    }
    for (const JsonValue* item : FindAll(*answer, kind.objects)) {
      Unmanaged::Backup backup;
      backup.name = (*item)[kind.name].asString();
      backup.region = calls[i].region;
      backup.status = (*item)["Status"].asString();
      backup.encryption_known = (*item)[kind.encrypted].isBool();
      backup.encrypted = backup.encryption_known && (*item)[kind.encrypted].asBool();
      const bool retained = backup.status == "retained";
      if (retained || (managed.databases.contains(backup.name) && !backup.encrypted)) {
        unmanaged->backups.push_back(std::move(backup));
      }
    }
  }
}

}  // namespace

Observation ObserveAccount(Requests& requests, std::span<const std::string> regions,
                           std::span<const std::string_view> types, const std::vector<std::string>& known) {
  Observation observation;
  std::vector<Target> targets = ListTargets(requests, regions, types, known, &observation);
  AddSettings(types, &targets);
  return ReadAll(requests, std::move(targets), std::move(observation));
}

Unmanaged ObserveUnmanaged(Requests& requests, const Observation& managed_observation,
                           std::span<const std::string> regions) {
  Unmanaged unmanaged;
  const Managed managed = ManagedBy(managed_observation);
  std::vector<Target> targets;
  Observation observation;
  if (managed.has_databases) {
    std::vector<std::string_view> types(std::begin(kDatabaseTypes), std::end(kDatabaseTypes));
    types.insert(types.end(), std::begin(kSnapshotTypes), std::end(kSnapshotTypes));
    targets = ListTargets(requests, regions, types, managed.known, &observation);
    std::erase_if(targets, [&](const Target& target) { return !BelongsTo(managed, target); });
    AddBackups(requests, managed, regions, &unmanaged);
  }
  AddRevisions(requests, managed, regions, &targets, &observation);
  std::vector<Unlisted> unlisted = std::move(unmanaged.found.unlisted);
  unmanaged.found = ReadAll(requests, std::move(targets), std::move(observation));
  unmanaged.found.unlisted.insert(unmanaged.found.unlisted.end(), unlisted.begin(), unlisted.end());
  return unmanaged;
}

}  // namespace tfseal::observe
