"""RDS: keys, snapshots, restores, renames and deletions as the RDS API reference says."""

import hashlib
import random
import re
import string

from moto.core.responses import ActionResult
from moto.kms.exceptions import NotFoundException
from moto.rds import models, responses
from moto.rds.exceptions import DBClusterNotFoundError, InvalidParameterValue, KMSKeyNotAccessibleFault, RDSClientError

from corrections.kms import unusable

# What RestoreDBClusterFromSnapshot does not take from the snapshot when the call does not say it: the defaults.
NOT_RESTORED = {
    "vpc_security_group_ids": None, "db_cluster_parameter_group_name": None, "port": None, "deletion_protection": False,
    "enable_iam_database_authentication": False, "enable_cloudwatch_logs_exports": None, "copy_tags_to_snapshot": False,
    "tags": None, "serverless_v2_scaling_configuration": None, "preferred_maintenance_window": "wed:02:40-wed:03:10",
    "manage_master_user_password": False, "db_subnet_group_name": None, "domain": None,
}


def correct(settings):
    correct_keys(settings)
    correct_snapshots()
    correct_restores(settings)
    correct_modifications()
    correct_deletions()
    correct_answers()


def managed_key(backend):
    try:
        return backend._validate_kms_key("alias/aws/rds")
    except Exception:  # no key under this alias was made in the emulator
        return f"arn:aws:kms:{backend.region_name}:{backend.account_id}:key/00000000-0000-4000-8000-000000000000"


def default_parameter_group(engine, version):
    parts = (version or models.DBCluster.default_engine_version(engine)).split(".")
    return f"default.{engine}{parts[0]}" if "postgres" in engine else f"default.{engine}{'.'.join(parts[:2])}"


def resource_id(prefix):
    return prefix + "".join(random.choice(string.ascii_uppercase + string.digits) for _ in range(26))


def correct_keys(settings):
    validate = models.RDSBackend._validate_kms_key

    def usable_key(self, kms_key_id):
        try:
            arn = validate(self, kms_key_id)
        except (KeyError, NotFoundException):
            raise KMSKeyNotAccessibleFault(kms_key_id)
        if not kms_key_id.startswith("alias/aws/"):
            key = self.get_backend("kms", self.region_name, self.account_id).describe_key(arn)
            if unusable(settings, key):
                raise KMSKeyNotAccessibleFault(kms_key_id)
        return arn

    models.RDSBackend._validate_kms_key = usable_key
    cluster_init, instance_init = models.DBCluster.__init__, models.DBInstance.__init__

    def new_cluster(self, backend, *args, **kw):
        if kw.get("kms_key_id") and kw.get("storage_encrypted"):
            kw["kms_key_id"] = backend._validate_kms_key(kw["kms_key_id"])
        if int(kw.get("backup_retention_period") or 1) > 35:
            raise InvalidParameterValue("Invalid backup retention period: must be between 1 and 35.")
        if not kw.get("db_cluster_parameter_group_name") and kw.get("engine") != "neptune":
            kw["db_cluster_parameter_group_name"] = default_parameter_group(kw["engine"], kw.get("engine_version"))
        cluster_init(self, backend, *args, **kw)
        # One per account and region, so that endpoints follow the identifier when clusters are renamed.
        self.url_identifier = hashlib.sha256(f"{self.account_id}{self.region}".encode()).hexdigest()[:12]
        if not self.storage_encrypted:
            self.kms_key_id = None
        elif not self.kms_key_id or self.kms_key_id == "default_kms_key_id":
            self.kms_key_id = managed_key(backend)

    def new_instance(self, backend, *args, **kw):
        if kw.get("kms_key_id") and kw.get("storage_encrypted"):
            kw["kms_key_id"] = backend._validate_kms_key(kw["kms_key_id"])
        instance_init(self, backend, *args, **kw)
        # moto gives every instance the same resource id; the Terraform provider looks instances up by it.
        self.dbi_resource_id = resource_id("db-")
        if isinstance(self, models.DBInstanceClustered):
            return  # both are the cluster's
        self.network_type = kw.get("network_type") or "IPV4"
        if not self.storage_encrypted:
            self.kms_key_id = None
        elif not self.kms_key_id or self.kms_key_id == "default_kms_key_id":
            self.kms_key_id = managed_key(backend)

    models.DBCluster.__init__ = new_cluster
    models.DBInstance.__init__ = new_instance

    clustered_init = models.DBInstanceClustered.__init__

    def new_member(self, *args, **kw):
        clustered_init(self, *args, **kw)
        if self.cluster.db_subnet_group_name != "default":
            self.db_subnet_group_name = self.cluster.db_subnet_group_name
        self.monitoring_interval = kw.get("monitoring_interval", 0)
        self.monitoring_role_arn = kw.get("monitoring_role_arn")
        self.performance_insights_enabled = kw.get("enable_performance_insights", False)
        self.performance_insights_kms_key_id = kw.get("performance_insights_kms_key_id")

    models.DBInstanceClustered.__init__ = new_member

    replica = models.RDSBackend.create_db_instance_read_replica

    def create_db_instance_read_replica(self, *args, **kw):
        made = replica(self, *args, **kw)
        made.dbi_resource_id = resource_id("db-")
        return made

    models.RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica


def correct_snapshots():
    backend = models.RDSBackend
    copy_snapshot, init = backend.copy_db_cluster_snapshot, models.DBClusterSnapshot.__init__

    def new_snapshot(self, *args, **kw):
        init(self, *args, **kw)
        self.db_cluster_resource_id = self.cluster.db_cluster_resource_id
        self.storage_type = self.cluster.storage_type
        self.iam_database_authentication_enabled = self.cluster.iam_database_authentication_enabled

    models.DBClusterSnapshot.__init__ = new_snapshot

    def copy_db_cluster_snapshot(self, source_db_cluster_snapshot_identifier, target_db_cluster_snapshot_identifier,
                                 kms_key_id=None, **kw):
        source = self.get_db_cluster_snapshot(source_db_cluster_snapshot_identifier)
        if kms_key_id and not source.encrypted:
            raise RDSClientError("InvalidParameterCombination",
                                 "Cannot specify a KMS key when copying an unencrypted DB cluster snapshot.")
        made = copy_snapshot(self, source_db_cluster_snapshot_identifier, target_db_cluster_snapshot_identifier,
                             kms_key_id=kms_key_id, **kw)
        made.source_db_cluster_snapshot_arn = source.arn
        return made

    backend.copy_db_cluster_snapshot = copy_db_cluster_snapshot


def correct_restores(settings):
    backend = models.RDSBackend
    restore, to_time = backend.restore_db_cluster_from_snapshot, backend.restore_db_cluster_to_point_in_time

    def restore_db_cluster_from_snapshot(self, from_snapshot_id, overrides):
        target = overrides["db_cluster_identifier"].lower()
        if target in self.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster {target} already exists")
        name = from_snapshot_id.rsplit(":", 1)[-1] if from_snapshot_id.startswith("arn:") else from_snapshot_id
        snapshot = self.describe_db_cluster_snapshots(None, name)[0]
        if snapshot.status != "available":
            raise RDSClientError("InvalidDBClusterSnapshotStateFault", f"DB cluster snapshot {name} is not available")
        overrides = dict(overrides)
        if overrides.get("kms_key_id"):
            overrides["kms_key_id"] = self._validate_kms_key(overrides["kms_key_id"])
            overrides["storage_encrypted"] = True
        elif snapshot.encrypted and snapshot.kms_key_id:
            overrides["kms_key_id"] = self._validate_kms_key(snapshot.kms_key_id)
        before = snapshot.cluster.get_cfg
        kept = {**before(), **{k: v for k, v in NOT_RESTORED.items() if not overrides.get(k)}}
        kept.pop("url_identifier", None)
        snapshot.cluster.get_cfg = lambda: kept
        try:
            made = restore(self, name, overrides)
        finally:
            del snapshot.cluster.get_cfg
        made._restored_from = snapshot  # where its data comes from
        return made

    def restore_db_cluster_to_point_in_time(self, db_cluster_identifier, source_db_cluster_identifier, *args, **kw):
        source = self.describe_db_clusters(db_cluster_identifier=source_db_cluster_identifier)[0]
        if kw.get("kms_key_id") and not source.storage_encrypted:
            raise RDSClientError("InvalidParameterCombination",
                                 "Cannot specify a KMS key when restoring an unencrypted DB cluster.")
        return to_time(self, db_cluster_identifier, source_db_cluster_identifier, *args, **kw)

    backend.restore_db_cluster_from_snapshot = restore_db_cluster_from_snapshot
    backend.restore_db_cluster_to_point_in_time = restore_db_cluster_to_point_in_time


def correct_modifications():
    backend = models.RDSBackend
    modify, modify_instance, create = backend.modify_db_cluster, backend.modify_db_instance, backend.create_db_cluster

    def create_db_cluster(self, kwargs):
        if kwargs["db_cluster_identifier"].lower() in self.clusters:
            name = kwargs["db_cluster_identifier"]
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster {name} already exists")
        if not re.fullmatch(r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{0,62}(?<!-)", kwargs["db_cluster_identifier"]):
            raise InvalidParameterValue("The parameter DBClusterIdentifier is not a valid identifier.")
        return create(self, kwargs)

    def modify_db_cluster(self, kwargs):
        name, new = kwargs["db_cluster_identifier"], kwargs.get("new_db_cluster_identifier")
        if name not in self.clusters:
            raise DBClusterNotFoundError(name)
        if new and new != name and new in self.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster {new} already exists")
        if int(kwargs.get("backup_retention_period") or 1) > 35:
            raise InvalidParameterValue("Invalid backup retention period: must be between 1 and 35.")
        cluster = self.clusters[name]
        members = list(cluster._members)
        if kwargs.get("enable_iam_database_authentication") is not None:
            cluster.iam_auth = kwargs["enable_iam_database_authentication"]
        logs = kwargs.pop("cloudwatch_logs_export_configuration", None) or {}
        exports = set(cluster.enabled_cloudwatch_logs_exports) - set(logs.get("DisableLogTypes", []))
        cluster.enabled_cloudwatch_logs_exports = sorted(exports | set(logs.get("EnableLogTypes", [])))
        reply = modify(self, kwargs)
        if new:  # moto finds members by name: those of another cluster would join
            for member in members:
                member.db_cluster_identifier = new.lower()
        return reply

    def modify_db_instance(self, db_instance_identifier, db_kwargs):
        new = db_kwargs.get("new_db_instance_identifier")
        if new and new != db_instance_identifier and new in self.databases:
            raise RDSClientError("DBInstanceAlreadyExists", f"DB instance {new} already exists")
        return modify_instance(self, db_instance_identifier, db_kwargs)

    backend.create_db_cluster = create_db_cluster
    backend.modify_db_cluster = modify_db_cluster
    backend.modify_db_instance = modify_db_instance


def correct_deletions():
    answers = responses.RDSResponse
    delete_cluster, delete_instance = answers.delete_db_cluster, answers.delete_db_instance

    def delete_db_cluster(self):
        check_final_snapshot(self.params, "FinalDBSnapshotIdentifier")
        name = self.params.get("DBClusterIdentifier")
        cluster = self.backend.clusters.get(name)
        reply = delete_cluster(self)
        if self.params.get("DeleteAutomatedBackups") is not False:
            forget_automated_snapshots(self.backend, cluster)
        # AWS deletes automated backups unless it is told to keep them.
        if cluster and self.params.get("DeleteAutomatedBackups") is False:
            retained = self.backend.__dict__.setdefault("_retained_cluster_backups", [])
            retained.append(automated_backup(cluster, "retained"))
        return reply

    def delete_db_instance(self):
        instance = self.backend.databases.get(self.params.get("DBInstanceIdentifier"))
        if instance and not isinstance(instance, models.DBInstanceClustered):
            check_final_snapshot(self.params, "FinalDBSnapshotIdentifier")
        return delete_instance(self)

    answers.delete_db_cluster = delete_db_cluster
    answers.delete_db_instance = delete_db_instance

    def describe_db_cluster_automated_backups(self):
        found = [automated_backup(c, "active") for c in self.backend.clusters.values()]
        found += self.backend.__dict__.get("_retained_cluster_backups", [])
        name, rid = self.params.get("DBClusterIdentifier"), self.params.get("DbClusterResourceId")
        found = [b for b in found if (not name or b["DBClusterIdentifier"] == name)
                 and (not rid or b["DbClusterResourceId"] == rid)]
        return ActionResult({"DBClusterAutomatedBackups": found})

    answers.describe_db_cluster_automated_backups = describe_db_cluster_automated_backups


def forget_automated_snapshots(backend, cluster):
    """They go with their cluster; moto keeps them, and the next cluster of that name fails when it is half made."""
    for name, snapshot in list(backend.cluster_snapshots.items()):
        if snapshot.snapshot_type == "automated" and snapshot.db_cluster_resource_id == cluster.db_cluster_resource_id:
            del backend.cluster_snapshots[name]


def check_final_snapshot(params, name):
    skip, final = params.get("SkipFinalSnapshot"), params.get(name)
    if not skip and not final:
        raise RDSClientError("InvalidParameterCombination", f"{name} is required unless SkipFinalSnapshot is specified.")
    if skip and final:
        raise RDSClientError("InvalidParameterCombination", f"{name} cannot be specified when skipping the final snapshot.")


def automated_backup(cluster, status):
    return {
        "DBClusterIdentifier": cluster.db_cluster_identifier, "DbClusterResourceId": cluster.db_cluster_resource_id,
        "DBClusterArn": cluster.arn, "Status": status, "Engine": cluster.engine, "EngineVersion": cluster.engine_version,
        "BackupRetentionPeriod": cluster.backup_retention_period, "StorageEncrypted": bool(cluster.storage_encrypted),
        "KmsKeyId": cluster.kms_key_id, "Region": cluster.region, "ClusterCreateTime": cluster.created,
        "DBClusterAutomatedBackupsArn": cluster.arn.replace(":cluster:", ":cluster-auto-backup:"),
        "RestoreWindow": {"EarliestTime": cluster.earliest_restorable_time, "LatestTime": cluster.latest_restorable_time},
    }


def correct_answers():
    # The provider sees an empty serverless v1 block for every cluster otherwise: a change in every plan.
    info = models.DBCluster.scaling_configuration_info.fget
    models.DBCluster.scaling_configuration_info = property(lambda self: info(self) if self.scaling_configuration else None)

    def describe_db_parameters(self):
        name = self.params.get("DBParameterGroupName")
        groups = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})
        if not groups:
            raise responses.DBParameterGroupNotFoundError(name)
        return ActionResult({"Parameters": [{**p, "Source": "user"} for p in groups[0].parameters.values()]})

    responses.RDSResponse.describe_db_parameters = describe_db_parameters
