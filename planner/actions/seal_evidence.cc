#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kSealEvidenceFields[] = {
    {"subject", FieldType::kText, true, "what the evidence is about"},
    {"contains", FieldType::kTexts, true, "what goes in"},
};

void DeriveSealEvidence(Action& action) {
  action.summary = "seal the evidence for " + TextField(action, "subject");
  action.rollback.text = "evidence is only ever added";
}

}  // namespace

const ActionKind kSealEvidence = {
    .name = "seal_evidence",
    .phase = "record",
    .does = "seals what was done and found, so that it can be checked later",
    .fields = kSealEvidenceFields,
    .derive = DeriveSealEvidence,
};

}  // namespace tfseal
