#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

// The settings of a database under the names that the parameters of Create, Restore and Modify have, read from its
// description, whose members are named otherwise. What a restore loses is here (domain: RDS API reference, parameters
// that Create and Modify have and Restore lacks).
namespace tfseal {

// What is set, in a form that can be compared: lists of names sorted, tags as an object, what AWS itself tags left out.
// Off, zero and empty are the same as not set and left out.
JsonValue LiveSettings(const JsonValue& described, bool cluster);

// Parameters of a call, in the same form.
JsonValue Comparable(const JsonValue& parameters);

struct SettingDifference {
  std::string setting;
  std::string expected;  // as JSON; "not set"
  std::string live;
};

enum class Compare {
  kExpected,    // what is expected has to be there
  kEverything,  // and nothing else that a restore would lose or change
};

// `expected` and `live` are comparable.
std::vector<SettingDifference> Differences(const JsonValue& expected, const JsonValue& live, Compare compare);

// "BackupRetentionPeriod is 1 instead of 7; Port ..."
std::string Describe(const std::vector<SettingDifference>& differences);
JsonValue ToJson(const std::vector<SettingDifference>& differences);

}  // namespace tfseal
