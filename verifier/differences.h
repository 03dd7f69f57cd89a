#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "terraform/document.h"

namespace tfseal {

// What a document says of an attribute, as it may be shown: a value, or what a long or secret one is.
struct Said {
  std::string document;  // path of the document; "AWS" for what is live
  std::string text;
};

// An attribute that a control reads, on which Terraform's documents and AWS do not agree.
struct Difference {
  std::string address;
  std::string type;
  std::string attribute;   // "backup_retention_period", "versioning[0].enabled"
  std::vector<Said> said;  // one a document that has the resource, then AWS
  bool judged = false;     // the live value lets a control fail
};

// Differences between `before` (Terraform) and `after` (AWS) of the instances of the live documents, in the attributes
// that a control of their type reads. Unknown values are no difference; nor are unset, empty, false and zero among
// themselves, the order of lists, and the white space of JSON texts.
std::vector<Difference> DifferencesIn(const std::vector<terraform::Document>& live);

JsonValue ToJson(const Difference& difference);

}  // namespace tfseal
