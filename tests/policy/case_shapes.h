#pragma once

#include <string_view>
#include <vector>

#include "tests/policy/subject_builder.h"

// Rows that controls of one shape share, so that the tables only spell out what is special. In `attributes`, "@" stands
// for the value: R"({"encrypt_at_rest": [{"enabled": @}]})".
namespace tfseal {

using ControlCases = std::vector<ControlCase>;

// Appends tables to each other.
ControlCases Together(std::vector<ControlCases> tables);

// A boolean, also as text, that must be `wanted`; `{}` gives `unset`.
ControlCases FlagCases(std::string_view control, std::string_view type, std::string_view attributes, bool wanted,
                       Verdict unset);
// A key attribute at `path`: a key of this document, a key of this plan, an alias of the customer's and of AWS, no key,
// one that nobody can tell; `{}` gives `unset`.
ControlCases KeyCases(std::string_view control, std::string_view type, std::string_view attributes,
                      std::string_view path, Verdict unset);
// Days that must be at least 7.
ControlCases RetentionCases(std::string_view control, std::string_view type, std::string_view attribute);
// skip_final_snapshot and the name of the snapshot.
ControlCases FinalSnapshotCases(std::string_view control, std::string_view type, std::string_view name);
// A list of log types.
ControlCases LogExportCases(std::string_view control, std::string_view type, std::string_view attribute);

}  // namespace tfseal
