#include "aws/error_class.h"

#include <algorithm>
#include <array>
#include <span>

namespace tfseal::aws {
namespace {

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, and the services' common errors.
constexpr std::array<std::string_view, 14> kThrottled = {"Throttling",
                                                         "ThrottlingException",
                                                         "ThrottledException",
                                                         "RequestThrottledException",
                                                         "RequestThrottled",
                                                         "TooManyRequestsException",
                                                         "ProvisionedThroughputExceededException",
                                                         "TransactionInProgressException",
                                                         "RequestLimitExceeded",
                                                         "BandwidthLimitExceeded",
                                                         "SlowDown",
                                                         "PriorRequestNotComplete",
                                                         "EC2ThrottledException",
                                                         "RequestThrottledByService"};
constexpr std::array<std::string_view, 4> kNotNow = {"ServiceUnavailable", "ServiceUnavailableException", "Unavailable",
                                                     "RequestTimeout"};
constexpr std::array<std::string_view, 5> kExpired = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired",
                                                      "ExpiredTokenFault", "AuthTokenExpired"};
constexpr std::array<std::string_view, 5> kBadTime = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture",
                                                      "SignatureDoesNotMatch", "InvalidSignatureException"};
constexpr std::array<std::string_view, 10> kUnauthenticated = {
    "InvalidClientTokenId", "UnrecognizedClientException",  "InvalidAccessKeyId",
    "AuthFailure",          "MissingAuthenticationToken",   "MissingAuthenticationTokenException",
    "IncompleteSignature",  "IncompleteSignatureException", "InvalidToken",
    "UnauthorizedException"};
constexpr std::array<std::string_view, 6> kDenied = {"AccessDenied",       "AccessDeniedException",
                                                     "AccessDeniedFault",  "UnauthorizedOperation",
                                                     "AuthorizationError", "AuthorizationErrorException"};
constexpr std::array<std::string_view, 6> kNotFoundParts = {"NotFound",    "NoSuch",   "DoesNotExist",
                                                            "NonExistent", "NotExist", "Nonexistent"};
constexpr std::array<std::string_view, 14> kConflictParts = {
    "Exists",       "AlreadyOwned", "Duplicate", "InUse",     "Conflict",           "QuotaExceeded", "LimitExceeded",
    "QuotaReached", "NotEmpty",     "Aborted",   "NotActive", "PreconditionFailed", "Disabled",      "AlreadyBeing"};

bool IsOneOf(std::span<const std::string_view> codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool HasOneOf(std::span<const std::string_view> parts, std::string_view code) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return code.find(part) != std::string_view::npos; });
}

// "InvalidDBClusterStateFault", "InvalidStateException", "KMSInvalidStateException", "InvalidParameterCombination" is
// none of them.
bool IsAboutState(std::string_view code) {
  const std::size_t invalid = code.find("Invalid");
  const std::size_t incorrect = code.find("Incorrect");
  const std::size_t start = std::min(invalid, incorrect);
  return start != std::string_view::npos && code.find("State", start) != std::string_view::npos;
}

ErrorCode CodeByName(std::string_view code, int status) {
  if (IsOneOf(kUnauthenticated, code)) return ErrorCode::kUnauthenticated;
  if (IsOneOf(kDenied, code)) return ErrorCode::kPermissionDenied;
  if (HasOneOf(kNotFoundParts, code)) return ErrorCode::kNotFound;
  if (HasOneOf(kConflictParts, code) || IsAboutState(code)) return ErrorCode::kConflict;
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
    case 412:
      return ErrorCode::kConflict;
    default:
      return ErrorCode::kInvalidInput;
  }
}

}  // namespace

ErrorClass Classify(std::string_view service_code, int http_status) {
  if (IsOneOf(kThrottled, service_code) || http_status == 429) return {Refusal::kThrottled, ErrorCode::kThrottled};
  if (IsOneOf(kNotNow, service_code)) return {Refusal::kNotNow, ErrorCode::kUnavailable};
  if (IsOneOf(kExpired, service_code)) return {Refusal::kExpired, ErrorCode::kUnauthenticated};
  if (IsOneOf(kBadTime, service_code)) return {Refusal::kBadTime, ErrorCode::kUnauthenticated};
  // Redirects are not followed: whoever sent one did nothing else.
  if (http_status / 100 == 3) return {Refusal::kFinal, ErrorCode::kUnavailable};
  if (http_status >= 500 || http_status < 300) return {Refusal::kBroken, ErrorCode::kUnavailable};
  return {Refusal::kFinal, CodeByName(service_code, http_status)};
}

}  // namespace tfseal::aws
