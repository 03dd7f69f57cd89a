#pragma once

#include <string_view>
#include <vector>

#include "policy/control.h"

// Settings of a bucket live in resources of their own that name it. Where there is none, the bucket's own (computed)
// blocks say what AWS has; after a plan that removes the setting they still say what was, which is why removals are
// looked up.
namespace tfseal {

std::vector<const terraform::ResourceInstance*> SettingsOf(const Subject& bucket, std::string_view type);

// Whether the plan takes a setting of that type away from a bucket that stays.
bool LosesSetting(const Subject& bucket, std::string_view type);

// A plan that is only a part may leave the setting out although the configuration has it.
bool MayBeElsewhere(const Subject& subject);

// The same question, about another resource.
Subject On(const Subject& subject, const terraform::ResourceInstance& instance);

}  // namespace tfseal
