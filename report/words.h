#pragma once

#include <string>
#include <string_view>

#include "core/json.h"
#include "report/assessment.h"

// Phrases and values that several formats share.
namespace tfseal::report {

inline JsonValue Json(std::string_view text) {
  return JsonValue(text.data(), text.data() + text.size());
}

// "cannot be decided: ...", "waived (...): ...", "advice: ..."; what fails and what passes as it is.
std::string Statement(const Check& check);
// The statement and how to mend it, in one text.
std::string StatementWithFix(const Check& check);

// The plan neither causes it nor makes it worse.
bool FailedBefore(const Check& check);

// File of the check, or of the document that it is about; line at least 1.
Place PlaceOrDocument(const Assessment& assessment, const Check& check);

// "2026-12-31T23:59:59Z"
std::string Timestamp(UnixSeconds time);

// An array with one object a line.
class JsonArray {
 public:
  void Add(const JsonValue& value);
  std::string Finish();

 private:
  std::string text_ = "[";
  bool empty_ = true;
};

}  // namespace tfseal::report
