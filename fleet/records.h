#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "report/assessment.h"

// What was found in one document as lines of JSON, and back: what workers hand over, what shards write and what every
// report of a fleet is made from (docs/fleets.md).
namespace tfseal::fleet {

// One document, with what counts of it for the whole.
struct JudgedDocument {
  std::string path;
  report::Assessment assessment;  // of this document alone; its waivers among them
  std::string error;              // it could not be judged; then the assessment holds a check that says so
  std::string hint;
  std::vector<ClosedObligation> closed;  // obligations of --obligations, looked up in it
};

// A document that could not be judged.
JudgedDocument NotJudged(std::string path, const Error& error, const report::Circumstances& circumstances,
                         std::string_view command);

// The first character of a line says what it holds; the rest is a JSON object.
enum class Record : char {
  kFinding = 'F',
  kPass = 'P',
  kDestroy = 'D',
  kObligation = 'O',
  kDocument = 'I',
};
// "finding", "pass", "destroy", "obligation", "document"
std::string_view Name(Record record);

// All lines of a document, each with a newline; that of the document itself is the last.
std::string LinesOf(const JudgedDocument& judged);
// The line of an obligation that was looked up in all documents.
std::string LineOf(const ClosedObligation& closed);

// Puts the line into the assessment of a fleet. `documents` has the position of each path in it.
Status ReadLine(std::string_view line, std::map<std::string, std::size_t, std::less<>>& documents,
                report::Assessment& assessment);
// What ReadLine() says of a record that is not what it should be.
Status ReadRecord(Record record, const JsonValue& json, std::map<std::string, std::size_t, std::less<>>& documents,
                  report::Assessment& assessment);
// The same line as LinesOf() writes, from a record of a report; "record" is left out.
std::string LineFrom(Record record, const JsonValue& json);

WaiverUse ReadWaiverUse(const JsonValue& json);
std::string TextOf(const JsonValue& json, const char* name);
// What is not one of the words is the worst that it can be.
Severity SeverityFrom(std::string_view word);

}  // namespace tfseal::fleet
