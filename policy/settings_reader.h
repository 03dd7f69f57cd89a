#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/yaml_fields.h"
#include "policy/environment_settings.h"
#include "policy/requirements.h"

// The part of an environment in tfseal.yaml that asks for more than topics: engine, capacity, network, alarms ...
namespace tfseal {

// The fields that an environment, the defaults and an application have for it; each fills `into`, which must outlive
// them. `fields` takes the mistakes.
std::vector<YamlFields::Field> SettingFields(YamlFields& fields, EnvironmentSettings& into);

// What `backup.copies` and `tls` may say; shared with the reader of `backup`.
void ReadCopies(YamlFields& fields, const YamlNode& node, EnvironmentSettings& into);

// The topics of the controls that judge what the settings ask for; windows apart, which also say when actions run.
std::set<Topic> TopicsAskedBy(const EnvironmentSettings& settings);

// What contradicts itself: "auto_pause: required needs min: 0". Empty if nothing does.
std::string ContradictionIn(const EnvironmentSettings& settings);

}  // namespace tfseal
