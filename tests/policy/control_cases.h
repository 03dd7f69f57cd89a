#pragma once

#include <vector>

#include "tests/policy/subject_builder.h"

namespace tfseal {

// Every row of the tables of cases, by the section of policy/controls/list.inc that the controls are in. Each control
// has at least one row per verdict that it can give (pass, fail, unknown, not applicable).
std::vector<ControlCase> DatabaseControlCases();
std::vector<ControlCase> StoreControlCases();
std::vector<ControlCase> EnvironmentControlCases();

std::vector<ControlCase> RdsClusterCases();
std::vector<ControlCase> DbInstanceCases();
std::vector<ControlCase> RdsSurroundingsCases();
std::vector<ControlCase> DocdbAndNeptuneCases();
std::vector<ControlCase> RedshiftCases();
std::vector<ControlCase> CacheCases();
std::vector<ControlCase> DynamoDbCases();
std::vector<ControlCase> SearchCases();
std::vector<ControlCase> OtherDatabaseCases();

std::vector<ControlCase> KeyAndSecretCases();
std::vector<ControlCase> RotationDueCases();
std::vector<ControlCase> BucketCases();
std::vector<ControlCase> MessagingCases();
std::vector<ControlCase> PlaintextCases();
std::vector<ControlCase> VolumeCases();
std::vector<ControlCase> BackupAndServiceCases();

}  // namespace tfseal
