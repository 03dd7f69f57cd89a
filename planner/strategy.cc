#include "planner/strategy.h"

namespace tfseal {
namespace {

bool IsPostgres(const Database& database) {
  return database.engine.find("postgres") != std::string::npos;
}
bool IsMySql(const Database& database) {
  return database.engine.find("mysql") != std::string::npos || database.engine == "mariadb";
}
bool ManagesPassword(const Database& database) {
  return database.attributes.Get("manage_master_user_password").AsBool() == true ||
         !database.attributes.Get("master_user_secret").empty();
}

ConsideredStrategy Snapshot(const Database& database) {
  ConsideredStrategy strategy{"snapshot", false, true, {}};
  strategy.reasons.emplace_back("loses no write, because the database is fenced before the snapshot");
  strategy.reasons.emplace_back(
      "interrupts for snapshot, restore, instances and comparison; depends on size, no duration "
      "is published");
  strategy.reasons.emplace_back(database.cluster ? "the restore of a cluster snapshot takes the key"
                                                 : "the copy of an instance snapshot takes the key");
  return strategy;
}

ConsideredStrategy BlueGreen(const Database& database) {
  ConsideredStrategy strategy{"blue-green", false, true, {}};
  const auto refuse = [&strategy](std::string reason) {
    strategy.possible = false;
    strategy.reasons.push_back(std::move(reason));
  };
  if (database.service != "rds") refuse("AWS has no blue/green deployments for " + database.service);
  if (database.service == "rds" && !IsPostgres(database) && !IsMySql(database)) {
    refuse("AWS has no blue/green deployments for " + database.engine);
  }
  if (ManagesPassword(database)) refuse("not with a master password that Secrets Manager manages");
  if (!database.proxy_targets.empty()) refuse("support for RDS Proxy varies by engine and version");
  if (!database.Text("global_cluster_identifier").empty()) refuse("the cluster is part of a global database");
  if (!database.Text("replicate_source_db").empty()) refuse("the instance is itself a replica");
  if (database.Text("engine_mode") == "serverless") refuse("not for Aurora Serverless v1");
  if (strategy.possible) {
    strategy.reasons.emplace_back("usually under a minute of interruption, at most the switchover timeout");
    strategy.reasons.emplace_back(
        "a key for the green side (TargetKmsKeyId) is new and not there in every SDK, region and "
        "engine: checked before anything is changed");
  }
  return strategy;
}

ConsideredStrategy Logical(const Database& database) {
  ConsideredStrategy strategy{"logical-replication", false, false, {}};
  if (!IsPostgres(database) && !IsMySql(database)) {
    strategy.reasons.push_back(database.engine + " has neither logical nor binary log replication that a plan can use");
    return strategy;
  }
  strategy.reasons.emplace_back(
      "whether every table has a replica identity, and which sequences, large objects and schema "
      "changes there are, cannot be seen in Terraform's documents");
  strategy.reasons.emplace_back(
      IsPostgres(database) ? "needs rds.logical_replication=1, which restarts the writer, and a slot made before "
                             "the snapshot"
                           : "needs row-based binary logs kept until the copy has caught up");
  return strategy;
}

ConsideredStrategy Dms(const Database& database) {
  ConsideredStrategy strategy{"dms", false, false, {}};
  if (database.service == "neptune") {
    strategy.reasons.emplace_back("DMS does not read from Neptune");
    return strategy;
  }
  strategy.reasons.emplace_back(
      "tables without a primary key lose updates and deletes, and indexes, sequences, foreign "
      "keys and defaults are not carried over: a pre-migration assessment of the live database "
      "has to come first");
  strategy.reasons.emplace_back("needs the credentials of both databases, which a plan never holds");
  return strategy;
}

}  // namespace

std::vector<ConsideredStrategy> ConsiderStrategies(const Database& database, std::string_view requested) {
  std::vector<ConsideredStrategy> all = {Snapshot(database), BlueGreen(database), Logical(database), Dms(database)};
  for (ConsideredStrategy& strategy : all) {
    strategy.chosen = strategy.possible && strategy.name == (requested.empty() ? "snapshot" : requested);
    if (strategy.possible && !strategy.chosen) {
      strategy.reasons.emplace_back("not chosen: --strategy " + strategy.name + " asks for it");
    }
  }
  return all;
}

std::string DowntimeOf(const Database& database, std::string_view strategy) {
  if (strategy == "blue-green") return "at most 300 seconds, the switchover timeout";
  std::string text = "unknown: from the fence until the services run again; AWS publishes no durations";
  const auto size = database.attributes.Get("allocated_storage").AsNumber();
  if (!database.cluster && size && *size > 0) {
    text += ", the instance has " + std::to_string(static_cast<long>(*size)) + " GiB allocated";
  } else {
    text += ", and the documents do not tell the size of the volume";
  }
  return text + "; a rehearsal restore gives the time";
}

}  // namespace tfseal
