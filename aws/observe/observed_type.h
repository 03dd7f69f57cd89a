#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tfseal::observe {

// How a member of an answer becomes a Terraform attribute.
enum class As : std::uint8_t {
  kSame,       // the value itself
  kText,       // a number or a boolean as text
  kEquals,     // true if it is `argument`
  kDiffers,    // true if it is not `argument`
  kContains,   // true if the list or the text has `argument` in it
  kJson,       // an object or a list as JSON text, as Terraform keeps policies and container definitions
  kAfterLast,  // the text after the last `argument`
  kConstant,   // `argument` as JSON, if the member is there
  kOneItem,    // a list of this one value
  kNameValue,  // a list of {name, value} as a map; `argument` is "name-member value-member"
  kEntries,    // a map of objects as a list; `argument` is "key-attribute value-attribute value-member"
};

// What a member that is not there means, as JSON; or one of these. By default nothing is concluded from silence.
inline constexpr std::string_view kUnknown = "unknown";
inline constexpr std::string_view kAbsent = "absent";
inline constexpr std::string_view kFromFile = "file";  // what Terraform's document says; only for what never changes

struct Attribute {
  // Where Terraform has it: "storage_encrypted", "server_side_encryption[0].enabled", "rule[].rule_name" (for every
  // item of a list in the answer).
  std::string_view path;
  // Where the answer has it, from the read's object on: "SSEDescription.Status", "Rules[].RuleName",
  // "DBSnapshotAttributes[AttributeName=restore].AttributeValues"; alternatives are parted by '|', "." is the object.
  std::string_view member;
  std::string_view if_missing = kUnknown;
  As as = As::kSame;
  std::string_view argument = {};
};

// An error of a read that says that there is nothing.
enum class IfNothing : std::uint8_t {
  kGone,      // the object itself does not exist
  kDefaults,  // it exists without this setting: every attribute takes its `if_missing`
};

// One call that tells something about one object.
struct Read {
  std::string_view service = {};    // as the API model names it: "rds"
  std::string_view operation = {};  // "DescribeDBClusters"
  // "DBClusterIdentifier={cluster_identifier|id}; Names=[{name}]; IncludeAll=true": attributes in braces, the first of
  // the alternatives that has a text; " || " parts whole alternatives. Attributes whose names start with '@' exist here
  // only: an earlier read's result.
  std::string_view parameters = {};
  // Where in the answer the object is: "DBClusters[0]", "AttachedPolicies[PolicyArn={policy_arn}]"; empty: the answer
  // itself. If there is nothing in that place the object does not exist.
  std::string_view object = {};
  std::span<const Attribute> attributes = {};
  IfNothing if_nothing = IfNothing::kGone;
  // Error codes that mean that there is nothing, beside those that are classified as "not found"; parted by blanks.
  std::string_view nothing_codes = {};
  // The object exists only if this member is there, or these conditions are met (see Listing::objects).
  std::string_view exists_if = {};
  // Calls with parameters from earlier reads wait for those.
  bool second = false;
};

// How all objects of a type in one region are found.
struct Listing {
  std::string_view service = {};
  std::string_view operation = {};
  std::string_view parameters = {};  // without braces
  // "DBClusters", with conditions on members of an item: "[Engine^docdb]" (starts with), "[Engine!docdb,neptune]"
  // (starts with none of these), "[Status=x]", "[A?]" (is there), "[A-]" (is not); "." is the answer itself.
  std::string_view objects = {};
  // What identifies an object: enough for the parameters of the reads. "" as the member: the item itself.
  std::span<const Attribute> identity = {};
  // The items are what the first read answers with, so that it need not be sent.
  bool complete = false;
  // Objects are settings of objects of another type: one for each of those, with that one's attributes.
  std::string_view of_each = {};
};

struct ObservedType {
  std::string_view type;
  Listing listing = {};  // service empty and of_each empty: the type cannot be listed, only looked up
  std::span<const Read> reads = {};
  // Attributes that exist in Terraform only (what a destroy would do): taken from its documents.
  std::span<const std::string_view> terraform_only = {};
  // Attributes with secrets in clear: judged, never shown.
  std::span<const std::string_view> secret = {};
  // One set of objects for all regions.
  bool global = false;
};

struct NotObservedType {
  std::string_view type;
  std::string_view reason;
};

// Sorted by type.
std::span<const ObservedType* const> ObservedTypes();
std::span<const NotObservedType> NotObservedTypes();
// nullptr for a type that is not observed.
const ObservedType* FindObservedType(std::string_view type);
// Why a type is not observed; empty if it is not listed.
std::string_view WhyNotObserved(std::string_view type);

}  // namespace tfseal::observe
