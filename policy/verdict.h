#pragma once

#include <cstdint>
#include <string_view>

namespace tfseal {

// Unknown is the zero value on purpose: whatever nobody judged has not passed.
enum class Verdict : std::uint8_t { kUnknown, kPass, kFail, kError, kNotApplicable };

constexpr std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kError:
      return "error";
    case Verdict::kNotApplicable:
      return "not_applicable";
    case Verdict::kUnknown:
      break;
  }
  return "unknown";
}

enum class Severity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };

constexpr std::string_view Name(Severity severity) {
  constexpr std::string_view kNames[] = {"info", "low", "medium", "high", "critical"};
  return kNames[static_cast<int>(severity)];
}

}  // namespace tfseal
