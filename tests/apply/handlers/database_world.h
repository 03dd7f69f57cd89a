#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/api.h"
#include "core/json.h"

namespace tfseal::testing {

// A small RDS in memory that holds state, for what an emulator cannot be brought into: a status, a broken key, a rename
// that is half done. Answers describe what is there; changes change it.
class DatabaseWorld : public aws::Api {
 public:
  std::map<std::string, JsonValue> clusters, instances, cluster_snapshots, snapshots;
  // Other operations, by name: what they answer.
  std::map<std::string, JsonValue> answers;
  std::string now = "2026-11-22T05:00:00Z";
  bool lose_next_reply = false;
  std::vector<std::string> changes;  // operations, in order

  JsonValue& AddCluster(const std::string& name, const std::string& resource);
  JsonValue& AddInstance(const std::string& name, const std::string& resource);

  Result<JsonValue> Send(const aws::Call& call) override;
  std::vector<Result<JsonValue>> SendAll(std::span<const aws::Call> calls) override;

 private:
  Result<JsonValue> Serve(const aws::Call& call);
  Result<JsonValue> Modify(std::map<std::string, JsonValue>& kind, const char* identity, const char* new_identity,
                           const JsonValue& parameters);
};

}  // namespace tfseal::testing
