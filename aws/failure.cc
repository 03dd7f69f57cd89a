#include "aws/failure.h"

#include <fmt/format.h>

#include <algorithm>

namespace tfseal::aws {
namespace {

constexpr std::size_t kMessageBytesMax = 300;

std::string NameOf(const Call& call) {
  return fmt::format("{} {} in {}", call.service, call.operation, call.region.empty() ? "no region" : call.region);
}

// What a service says, fit to be shown: one line, not too long, and nothing of what was sent in confidence.
std::string Clean(std::string_view message, const std::vector<std::string_view>& sensitive) {
  const bool echoes = std::any_of(sensitive.begin(), sensitive.end(), [&](std::string_view text) {
    return !text.empty() && message.find(text) != std::string_view::npos;
  });
  if (echoes) return "";
  std::string clean;
  for (const char c : message.substr(0, kMessageBytesMax)) {
    clean += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
  }
  // Not in the middle of a character.
  if (message.size() > kMessageBytesMax) {
    while (!clean.empty() && (static_cast<unsigned char>(clean.back()) & 0xC0U) == 0x80U) clean.pop_back();
    if (!clean.empty() && (static_cast<unsigned char>(clean.back()) & 0x80U) != 0) clean.pop_back();
    clean += "...";
  }
  return clean;
}

// A service that may not use a key says so as its own error, whoever the caller is.
bool IsAboutKey(std::string_view service_code) {
  return service_code.find("KMS") != std::string_view::npos || service_code.find("Kms") != std::string_view::npos ||
         service_code.find("InaccessibleEncryption") != std::string_view::npos;
}

std::string HintFor(ErrorCode code, std::string_view service_code, bool reads) {
  if (IsAboutKey(service_code)) {
    return "the key must be enabled, and its policy must let the caller use it through the service and grant it "
           "(kms:DescribeKey, kms:CreateGrant): look with aws kms describe-key and get-key-policy; tfseal doctor --iam "
           "apply ACTIONS prints the caller's side";
  }
  switch (code) {
    case ErrorCode::kPermissionDenied:
      return reads ? "print the policies that are needed: tfseal doctor --iam verify, and for a run tfseal doctor "
                     "--iam apply ACTIONS"
                   : "print the policy that is needed: tfseal doctor --iam apply ACTIONS";
    case ErrorCode::kUnauthenticated:
      return "see which credentials are used: tfseal doctor";
    case ErrorCode::kThrottled:
      return "run it again when the account has fewer calls under way";
    default:
      return "";
  }
}

}  // namespace

Error InContext(const Call& call, Error error) {
  error.message = fmt::format("{}: {}", NameOf(call), error.message);
  return error;
}

Error ServiceFailure(const Call& call, const Operation& operation, const HttpResponse& response,
                     const ServiceError& said, const ErrorClass& error) {
  Error failure;
  failure.code = error.code;
  failure.service_code = said.code.empty() ? fmt::format("{}", response.status) : said.code;
  std::string text = Clean(failure.service_code, SensitiveTexts(operation, call.parameters));
  // A refused signature is answered with all that was signed, the security token among it.
  const bool is_about_signature = error.refusal == Refusal::kBadTime;
  const std::string message = is_about_signature ? "the signature or its time is refused"
                                                 : Clean(said.message, SensitiveTexts(operation, call.parameters));
  if (!message.empty()) text += ": " + message;
  if (said.code.empty()) text = fmt::format("http status {}", response.status);
  failure.message = fmt::format("{}: {}", NameOf(call), text);
  failure.hint = HintFor(error.code, failure.service_code, operation.reads);
  if (error.refusal == Refusal::kBadTime && said.code.find("ignature") == std::string::npos) {
    failure.hint = "set the clock of this machine: tfseal doctor says how far it is from that of AWS";
  } else if (error.refusal == Refusal::kExpired) {
    failure.hint = "renew the credentials, then run it again; what was done is kept";
  }
  if (const auto region = response.Find("x-amz-bucket-region");
      call.service == "s3" && region && *region != call.region && response.status / 100 != 2) {
    failure.hint = fmt::format("the bucket is in {}", Clean(*region, {}));
  }
  return failure;
}

Error NetworkFailure(const Call& call, const HttpFailure& failure) {
  return Error{
      .code = failure.timed_out ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
      .message = fmt::format("{}: {}", NameOf(call), failure.message),
      .hint = failure.hint.empty() ? "see whether this machine reaches AWS: tfseal doctor --live" : failure.hint};
}

Error OutcomeUnknown(const Call& call, const Error& last) {
  Error unknown = last;
  unknown.code = ErrorCode::kOutcomeUnknown;
  unknown.message = fmt::format("{}; whether it was done is not known", last.message);
  unknown.hint = fmt::format("look at the {} resource before doing it again", call.service);
  return unknown;
}

Error UnreadableAnswer(const Call& call, const Operation& operation, const Error& why) {
  Error unreadable{.code = ErrorCode::kInvalidInput,
                   .message = fmt::format("{}: the answer cannot be read: {}", NameOf(call), why.message),
                   .hint = "",
                   .service_code = std::string(kUnreadableAnswer)};
  return operation.reads ? unreadable : OutcomeUnknown(call, unreadable);
}

void AddSkewTo(Error& error, std::chrono::milliseconds skew) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(skew).count();
  if (seconds > -60 && seconds < 60) return;
  error.message += fmt::format("; this machine's clock is {} seconds {}", seconds < 0 ? -seconds : seconds,
                               seconds < 0 ? "ahead" : "behind");
  error.hint = "set the clock of this machine (NTP)";
}

}  // namespace tfseal::aws
