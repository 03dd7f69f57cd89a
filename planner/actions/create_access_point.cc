#include "planner/actions/parts.h"

namespace tfseal {
namespace {

constexpr PayloadField kCreateAccessPointFields[] = {
    {"new_file_system", FieldType::kValue, true, "copy"},
    {"access_point", FieldType::kText, true, "access point of the original"},
    {"posix_user", FieldType::kObject, false, "user that its clients act as"},
    {"root_directory", FieldType::kObject, false, "directory that its clients see"},
    {"tags", FieldType::kList, false, "tags"},
};

void DeriveCreateAccessPoint(Action& action) {
  const JsonValue copy = Field(action, "new_file_system");
  action.summary = "make the access point that takes the place of " + TextField(action, "access_point");
  action.calls.push_back(Change("efs", "CreateAccessPoint",
                                Object({{"ClientToken", Text(action.id)},
                                        {"FileSystemId", copy},
                                        {"PosixUser", Field(action, "posix_user")},
                                        {"RootDirectory", Field(action, "root_directory")},
                                        {"Tags", Field(action, "tags")}})));
  action.poll = PollRule{.call = Read("efs", "DescribeAccessPoints", Object({{"FileSystemId", copy}})),
                         .field = "AccessPoints[0].LifeCycleState",
                         .success = {"available"},
                         .failure = {"error"},
                         .interval_seconds = 15,
                         .deadline_seconds = 60 * 60};
  action.rollback.text = "the new access point is left; the old one was not changed";
  action.risk = Risk::kLow;
  action.downtime.impact = Downtime::Impact::kUnavailable;
  action.downtime.basis = "seconds, as a rule";
}

}  // namespace

const ActionKind kCreateAccessPoint = {
    .name = "create_access_point",
    .phase = "build",
    .does = "gives a copied file system an access point of the original",
    .fields = kCreateAccessPointFields,
    .derive = DeriveCreateAccessPoint,
};

}  // namespace tfseal
