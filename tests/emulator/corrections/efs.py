"""EFS: replications, throughput and backup policies (a replication fills nothing, and copies once a look)."""

import json

from moto.core.utils import unix_time
from moto.efs import responses, urls
from moto.efs.exceptions import EFSError, FileSystemNotFound
from moto.efs.models import EFSBackend
from moto.moto_api._internal import mock_random


PATHS = ("file-systems/replication-configurations", "file-systems/<file_system_id>/replication-configuration")


def correct(_settings):
    for path in PATHS:
        urls.url_paths[f"/2015-02-01/{path}"] = urls.url_paths["/2015-02-01/file-systems"]
    for operation in (create_replication_configuration, describe_replication_configurations, delete_replication_configuration,
                      update_file_system, put_backup_policy):
        setattr(responses.EFSResponse, operation.__name__, operation)
    init = EFSBackend.__init__

    def new(self, *args, **kw):
        init(self, *args, **kw)
        self.replications = {}

    EFSBackend.__init__ = new


class Refused(EFSError):
    def __init__(self, status, code, message):
        self.code = status
        super().__init__(code, message)


def system(self, name):
    found = self.efs_backend.file_systems_by_id.get(name)
    if not found:
        raise FileSystemNotFound(name)
    return found


def create_replication_configuration(self):
    source, body = system(self, self._get_param("SourceFileSystemId")), json.loads(self.body)
    known = self.efs_backend.replications
    if any(source.file_system_id in (r["SourceFileSystemId"], r["Destinations"][0]["FileSystemId"]) for r in known.values()):
        raise Refused(409, "ReplicationAlreadyExists", "The file system is in a replication already.")
    wanted = body["Destinations"][0]
    copy = self.efs_backend.create_file_system(
        creation_token=f"source-{source.file_system_id}-{mock_random.uuid4()}", performance_mode="generalPurpose", encrypted=True,
        kms_key_id=wanted.get("KmsKeyId") or f"arn:aws:kms:{self.region}:{self.current_account}:alias/aws/elasticfilesystem",
        throughput_mode=source.throughput_mode, provisioned_throughput_in_mibps=source.provisioned_throughput_in_mibps,
        availability_zone_name=wanted.get("AvailabilityZoneName"), backup=True, tags=[])
    now = unix_time()
    made = {"SourceFileSystemId": source.file_system_id, "SourceFileSystemRegion": self.region, "SourceFileSystemArn": source.file_system_arn,
            "OriginalSourceFileSystemArn": source.file_system_arn, "SourceFileSystemOwnerId": source.owner_id, "CreationTime": now,
            "Destinations": [{"Status": "ENABLING", "FileSystemId": copy.file_system_id, "Region": wanted.get("Region") or self.region,
                              "OwnerId": source.owner_id}]}
    known[source.file_system_id] = made
    return json.dumps(made)


def describe_replication_configurations(self):
    name = self._get_param("FileSystemId")
    found = [r for r in self.efs_backend.replications.values() if name in (None, r["SourceFileSystemId"], r["Destinations"][0]["FileSystemId"])]
    if name and not found:
        raise Refused(404, "ReplicationNotFound", f"There is no replication of {name}.")
    answer = json.dumps({"Replications": found})
    for replication in found:  # it is enabled for the next look, and has everything up to this one
        replication["Destinations"][0].update(Status="ENABLED", LastReplicatedTimestamp=unix_time())
    return answer


def delete_replication_configuration(self):
    name = self._get_param("SourceFileSystemId")
    if not self.efs_backend.replications.pop(name, None):
        raise Refused(404, "ReplicationNotFound", f"There is no replication of {name}.")
    return "", {"status": 204}


def update_file_system(self):
    found, body = system(self, self._get_param("FileSystemId")), json.loads(self.body)
    found.throughput_mode = body.get("ThroughputMode", found.throughput_mode)
    found.provisioned_throughput_in_mibps = body.get("ProvisionedThroughputInMibps") or 0
    return json.dumps(found.info_json()), {"status": 202, "Content-Type": "application/json"}


def put_backup_policy(self):
    status = json.loads(self.body)["BackupPolicy"]["Status"]
    system(self, self._get_param("FileSystemId"))._backup = status == "ENABLED"
    return json.dumps({"BackupPolicy": {"Status": status}})
