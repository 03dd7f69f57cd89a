#include "report/words.h"

#include <fmt/format.h>

#include "core/time_text.h"

namespace tfseal::report {

namespace {

// What is said of it, with the excuse that no longer counts.
std::string Message(const Check& check) {
  if (check.standing == Standing::kWaived || check.waiver.empty()) return check.message;
  return fmt::format("{} (its waiver has run out: {})", check.message, check.waiver);
}

}  // namespace

std::string Statement(const Check& check) {
  switch (check.standing) {
    case Standing::kUndecided:
      return "cannot be decided: " + Message(check);
    case Standing::kWaived:
      return fmt::format("waived ({}): {}", check.waiver, check.message);
    case Standing::kAdvice:
      return fmt::format("{}{}: {}", check.known ? "known from the baseline" : "advice",
                         check.verdict == Verdict::kFail ? "" : ", cannot be decided", Message(check));
    case Standing::kFails:
    case Standing::kPasses:
      break;
  }
  return Message(check);
}

std::string StatementWithFix(const Check& check) {
  return check.remedy.empty() ? Statement(check) : fmt::format("{}. Fix: {}", Statement(check), check.remedy);
}

bool FailedBefore(const Check& check) {
  return check.cause == "existing" || check.cause == "drift";
}

Place PlaceOrDocument(const Assessment& assessment, const Check& check) {
  if (!check.place.file.empty()) return {check.place.file, check.place.line > 0 ? check.place.line : 1};
  std::string path = check.document < assessment.documents.size() ? assessment.documents[check.document].path : "";
  while (path.starts_with("./")) path.erase(0, 2);
  return {path.empty() || path == "-" ? "stdin" : path, 1};
}

std::string Timestamp(UnixSeconds time) {
  std::string text = FormatTime(TimePoint(std::chrono::seconds(time)));
  if (const std::size_t dot = text.find('.'); dot != std::string::npos) text.replace(dot, std::string::npos, "Z");
  return text;
}

void JsonArray::Add(const JsonValue& value) {
  text_ += empty_ ? "\n" : ",\n";
  text_ += WriteJsonLine(value);
  empty_ = false;
}

std::string JsonArray::Finish() {
  text_ += empty_ ? "]\n" : "\n]\n";
  return std::move(text_);
}

}  // namespace tfseal::report
