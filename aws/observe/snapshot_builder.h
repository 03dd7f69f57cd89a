#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aws/observe/answer.h"
#include "aws/observe/observe.h"
#include "aws/observe/observed_type.h"
#include "terraform/document.h"

namespace tfseal::observe {

// One object that is looked for.
struct Target {
  const ObservedType* type = nullptr;                     // nullptr: not observed, `why_not` says why
  const terraform::ResourceInstance* instance = nullptr;  // Terraform's side; nullptr in an account without documents
  std::size_t document = 0;                               // index of its document
  std::string address;
  std::string type_name;
  std::string region;
  std::string why_not;
  JsonValue identity{Json::objectValue};    // attributes that a listing gave
  JsonValue attributes{Json::objectValue};  // what AWS said
  bool gone = false;
  bool answered = false;      // AWS said something about it, or that it is not there
  std::size_t described = 0;  // reads that a listing has done already

  // The text of an identifying attribute: of the listing, of Terraform's document, or of an earlier answer.
  [[nodiscard]] std::string TextOf(std::string_view attribute) const;
};

// The top-level attributes that the controls of a type look at.
const std::set<std::string_view>& AttributesJudged(std::string_view type);

// Sends the reads of all targets, in two rounds, and maps the answers.
void ReadTargets(Requests& requests, std::vector<Target>* targets, Observation* observation);

// Adds the targets that were found to the documents.
void BuildDocuments(const std::vector<Target>& targets, Observation* observation);

// Looks up the keys that the objects of each document are encrypted with.
void LookUpKeys(Requests& requests, const std::vector<Target>& targets, Observation* observation);

// The region of an ARN, of an availability zone, of a queue's URL; empty if the text names none.
std::string RegionNamedBy(std::string_view text);
// The account of an ARN; empty if it names none.
std::string AccountNamedBy(std::string_view text);

}  // namespace tfseal::observe
