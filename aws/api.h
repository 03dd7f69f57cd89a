#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace tfseal::aws {

// One call of an AWS API. Service, operation and members are named as the service's API model (botocore) names them.
struct Call {
  std::string service;    // "rds", "docdb", "neptune", "kms", "secretsmanager", "ecs", "s3" ...
  std::string operation;  // "DescribeDBClusters"
  std::string region;     // "us-east-1"; for global services (iam, sts) the region that the partition is taken from
  JsonValue parameters{Json::objectValue};
};

// AWS as a seam: everything that observes or changes the live world goes through this. Implementations may be called
// from one thread at a time only.
//
// An answer is a JSON object with the members of the operation's output as the API model names them, whatever the
// protocol on the wire: lists are arrays (an empty list that the wire leaves out is absent), timestamps are RFC 3339
// texts in UTC, blobs are base64, and documents that services send URL-encoded (IAM policies) are decoded.
//
// An error's code says what a caller can act on; its service_code is the service's own:
//   kNotFound, kConflict (exists already, or is in a state that forbids it), kInvalidInput, kPermissionDenied,
//   kUnauthenticated, kThrottled and kUnavailable (nothing was changed, retries are used up), kTimeout (never sent),
//   kOutcomeUnknown (a change was sent and its answer was lost).
// Messages name service, operation and region, never parameter values.
class Api {
 public:
  virtual ~Api() = default;
  virtual Result<JsonValue> Send(const Call& call) = 0;
  // Many reads at once, within the limits of each service; answers in the order of the calls.
  virtual std::vector<Result<JsonValue>> SendAll(std::span<const Call> calls) = 0;
};

// A read that comes in pages: all of them, with the lists of the pages joined as the operation's paginator says.
Result<JsonValue> SendPaged(Api& api, Call call);

}  // namespace tfseal::aws
