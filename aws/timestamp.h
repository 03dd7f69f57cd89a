#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace tfseal::aws {

// "2026-11-22T05:00:00Z"; with ".250" where the milliseconds are not zero.
std::string FormatRfc3339(TimePoint time);
// "20261122T050000Z", as AWS signatures have it.
std::string FormatIso8601Basic(TimePoint time);
// "Sun, 22 Nov 2026 05:00:00 GMT", as HTTP headers have it.
std::string FormatHttpDate(TimePoint time);

// RFC 3339 and ISO 8601: "2026-11-22T05:00:00Z", with a fraction, an offset ("+01:00"), or basic ("20261122T050000Z").
std::optional<TimePoint> ParseRfc3339(std::string_view text);
// "Sun, 22 Nov 2026 05:00:00 GMT".
std::optional<TimePoint> ParseHttpDate(std::string_view text);

}  // namespace tfseal::aws
