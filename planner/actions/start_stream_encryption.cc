#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kStartStreamEncryptionFields[] = {
    {"settings", FieldType::kObject, true, "parameters of the call"},
    {"attributes", FieldType::kObject, true, "the same as Terraform names them"},
    {"previous", FieldType::kObject, false, "the values before, where they are known and not secret"},
    {"retention_hours", FieldType::kNumber, false, "how long the stream keeps a record"},
};

void DeriveStartStreamEncryption(Action& action) {
  DeriveInPlace(action, "kinesis", "StartStreamEncryption", Object({{"StreamName", Text(action.target.identifier)}}));
  action.preconditions.push_back(Check("producers_admitted", "every producer and consumer may use the key"));
  const JsonValue& hours = Field(action, "retention_hours");
  action.postconditions.push_back(
      Check("only_under_old_key",
            "records of before, for " +
                (hours.isNumeric() ? std::to_string(hours.asInt()) + " hours" : std::string("the stream's retention")) +
                ": the key that they had stays usable for so long"));
  action.poll = PollRule{
      .call = Read("kinesis", "DescribeStreamSummary", Object({{"StreamName", Text(action.target.identifier)}})),
      .field = "StreamDescriptionSummary.StreamStatus",
      .success = {"ACTIVE"},
      .failure = {},
      .interval_seconds = 10,
      .deadline_seconds = 60 * 60};
}

}  // namespace

const ActionKind kStartStreamEncryption = {
    .name = "start_stream_encryption",
    .phase = "protect",
    .does = "encrypts new records of a stream",
    .fields = kStartStreamEncryptionFields,
    .derive = DeriveStartStreamEncryption,
};

}  // namespace tfseal
