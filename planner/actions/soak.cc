#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSoakFields[] = {
    {"environment", FieldType::kText, true, "name in tfseal.yaml, or defaults"},
    {"hours", FieldType::kNumber, true, "how long"},
    {"databases", FieldType::kTexts, true, "what is watched"},
};

void DeriveSoak(Action& action) {
  action.summary = "watch " + TextField(action, "environment") + " for " +
                   std::to_string(action.payload["hours"].asInt()) + " hours";
  action.postconditions.push_back(Check("soaked",
                                        "the time is over; connection errors, backups and alarms are for people to "
                                        "look at meanwhile, and what is deleted is looked at before it is"));
  action.rollback.text = "reads only";
}

}  // namespace

const ActionKind kSoak = {
    .name = "soak",
    .phase = "hold",
    .does = "keeps everything as it is and watches",
    .fields = kSoakFields,
    .derive = DeriveSoak,
};

}  // namespace tfseal
