#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/observe/observed_type.h"
#include "core/json.h"
#include "terraform/arena.h"
#include "terraform/value.h"

// The mapping between answers of AWS and attributes of Terraform. Attributes are collected as JSON, where an object
// with the one member kUnknownMark stands for what is not known, and turned into a Value at the end.
namespace tfseal::observe {

JsonValue UnknownJson();
bool IsUnknownJson(const JsonValue& value);

// The text that an attribute in braces stands for; empty if there is none.
using TextOf = std::function<std::string(std::string_view attribute)>;

// "Key={a|b}/x" with every brace replaced. Empty if one of them has no text.
std::string FillIn(std::string_view pattern, const TextOf& text_of, bool* complete);

// The parameters of a call; complete is false if one of the attributes has no text.
JsonValue FillInParameters(std::string_view pattern, const TextOf& text_of, bool* complete);

// The names in braces.
std::vector<std::string_view> NamesIn(std::string_view pattern);

// The value at `path` ("A.B[0].C[Name=x].D"), nullptr if there is none.
const JsonValue* Find(const JsonValue& from, std::string_view path);

// Whether an object meets every condition of "[Status=x][Engine!docdb,neptune][DeletedDate-]", or, without brackets,
// has the member.
bool Passes(const JsonValue& item, std::string_view filter);

// The items that a listing's `objects` means.
std::vector<const JsonValue*> FindAll(const JsonValue& answer, std::string_view objects);

// Sets the attributes that one read tells. `object` nullptr: nothing is there, every attribute takes its if_missing.
// `file` answers kFromFile and may return null.
void MapAttributes(std::span<const Attribute> attributes, const JsonValue* object,
                   const std::function<JsonValue(std::string_view path)>& file, JsonValue* to);

// Marks as unknown what a read that failed would have told.
void MarkUnknown(std::span<const Attribute> attributes, JsonValue* to);

// "server_side_encryption" of "server_side_encryption[0].enabled".
std::string_view TopLevel(std::string_view path);

terraform::Value ToValue(const JsonValue& json, terraform::Arena* arena);
// Maps, lists and scalars of a document as JSON, unknowns marked.
JsonValue ToJson(const terraform::Value& value);

}  // namespace tfseal::observe
