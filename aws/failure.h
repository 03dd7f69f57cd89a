#pragma once

#include <chrono>

#include "aws/api.h"
#include "aws/error_class.h"
#include "aws/http.h"
#include "aws/protocol.h"
#include "core/error.h"

// Failures of calls in the words that aws/api.h promises: service, operation and region, never a parameter's value.

namespace tfseal::aws {

// "rds DescribeDBClusters in us-east-1: ..."
Error InContext(const Call& call, Error error);

Error ServiceFailure(const Call& call, const Operation& operation, const HttpResponse& response,
                     const ServiceError& said, const ErrorClass& error);
Error NetworkFailure(const Call& call, const HttpFailure& failure);
Error OutcomeUnknown(const Call& call, const Error& last);
// A read whose answer cannot be read has failed; a change whose answer cannot be read has perhaps happened.
constexpr std::string_view kUnreadableAnswer = "UnreadableAnswer";
Error UnreadableAnswer(const Call& call, const Operation& operation, const Error& why);
void AddSkewTo(Error& error, std::chrono::milliseconds skew);

}  // namespace tfseal::aws
